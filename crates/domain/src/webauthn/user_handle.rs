//! The handle of a user: what an authenticator keeps beside a credential and shows at a login
//! without a user name. At most 64 bytes, and nothing that tells who it is, says WebAuthn; the
//! Django packages use the primary key.

use crate::encoding;
use crate::random::RandomSource;
use crate::uid;

/// Bytes of a random handle.
const RANDOM: usize = 32;

/// A handle that tells nothing.
#[must_use]
pub fn random(random: &dyn RandomSource) -> Vec<u8> {
    let mut handle = vec![0; RANDOM];
    random.fill(&mut handle);
    handle
}

/// dj-rest-auth's: the primary key in decimal.
#[must_use]
pub fn dj_rest_auth(user_id: i64) -> Vec<u8> {
    user_id.to_string().into_bytes()
}

/// allauth's: the primary key in base 36.
#[must_use]
pub fn allauth(user_id: i64) -> Vec<u8> {
    uid::base36(user_id).into_bytes()
}

/// The user whom allauth gave this handle, if it did. Only its own spelling counts.
#[must_use]
pub fn owner_at_allauth(handle: &[u8]) -> Option<i64> {
    let id = uid::from_base36(std::str::from_utf8(handle).ok()?)?;
    (allauth(id) == handle).then_some(id)
}

/// A handle as options show it and as it is stored.
#[must_use]
pub fn text(handle: &[u8]) -> String {
    encoding::base64url(handle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn handles_are_those_of_the_django_packages() {
        assert_eq!((text(&dj_rest_auth(2)), text(&allauth(2))), ("Mg".to_owned(), "Mg".to_owned()));
        assert_eq!((dj_rest_auth(36), allauth(36)), (b"36".to_vec(), b"10".to_vec()));
        assert_ne!(random(&OsRandom), random(&OsRandom));
        assert_eq!(text(&random(&OsRandom)).len(), 43);
    }

    #[test]
    fn the_user_of_a_handle_is_found_by_its_own_spelling() {
        for id in [1, 35, 36, i64::MAX] {
            assert_eq!(owner_at_allauth(&allauth(id)), Some(id));
        }
        for handle in [&b""[..], b" 1", b"+1", b"01", b"Z", b"\xff", &[7; 64]] {
            assert_eq!(owner_at_allauth(handle), None, "{handle:?}");
        }
    }
}
