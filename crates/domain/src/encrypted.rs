//! Texts in the database that only this server can read: AES-256-GCM (NIST SP 800-38D) under a key
//! that is derived from the secret key.
//!
//! A text names the key that encrypted it, so that the secret key can be replaced: what was
//! encrypted under a former key can be read as long as that is one of the fallbacks.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::encoding;
use crate::random::RandomSource;
use crate::signing::{self, SecretKeys};

const KEY: &str = "rest_auth.encrypted.key";
const KEY_ID: &str = "rest_auth.encrypted.key_id";
/// The form of the text, before everything else.
const VERSION: &str = "1";
/// How many bytes of a digest name a key.
const KEY_ID_LEN: usize = 4;

/// Why a text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    /// It was encrypted under a key that is neither the secret key nor one of the fallbacks.
    #[error("encrypted under another secret key: add that to `server.secret_key_fallbacks`")]
    UnknownKey,
    /// It was changed, or is about something else.
    #[error("the encrypted text is damaged")]
    Damaged,
}

/// Encrypts and reads texts of one purpose.
#[derive(Clone, Copy)]
pub struct Cipher<'k> {
    keys: &'k SecretKeys,
    purpose: &'static str,
}

impl<'k> Cipher<'k> {
    /// A cipher for a purpose. A text of another purpose cannot be read with it.
    #[must_use]
    pub fn new(keys: &'k SecretKeys, purpose: &'static str) -> Self {
        Self { keys, purpose }
    }

    /// Encrypts a text under the current key. It can be read together with `about` only.
    #[must_use]
    pub fn encrypt(&self, text: &str, about: &str, random: &dyn RandomSource) -> String {
        let secret = self.keys.current();
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut sealed = text.as_bytes().to_vec();
        let done = self.key(secret).map(|key| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.seal_in_place_append_tag(nonce, Aad::from(about), &mut sealed)
        });
        if !matches!(done, Some(Ok(()))) {
            // AES-GCM refuses texts above 64 GiB and nothing else. What is not encrypted is not
            // stored; an empty text is never read.
            sealed.clear();
        }
        let bytes = encoding::base64url([&nonce[..], &sealed].concat());
        format!("{VERSION}.{}.{bytes}", self.key_id(secret))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`DecryptError`].
    pub fn decrypt(&self, text: &str, about: &str) -> Result<Zeroizing<String>, DecryptError> {
        let mut parts = text.splitn(3, '.');
        let (Some(VERSION), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(DecryptError::Damaged);
        };
        let known = self.keys.all().find(|secret| self.key_id(secret) == id);
        let secret = known.ok_or(DecryptError::UnknownKey)?;
        let open = || {
            let bytes = encoding::from_base64url(bytes)?;
            let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut text = Zeroizing::new(sealed.to_vec());
            let plain = self.key(secret)?.open_in_place(nonce, Aad::from(about), &mut text).ok()?;
            Some(Zeroizing::new(std::str::from_utf8(plain).ok()?.to_owned()))
        };
        open().ok_or(DecryptError::Damaged)
    }

    fn key(&self, secret: &str) -> Option<LessSafeKey> {
        let key = Zeroizing::new(signing::salted_hmac(KEY, self.purpose.as_bytes(), secret));
        UnboundKey::new(&AES_256_GCM, &*key).ok().map(LessSafeKey::new)
    }

    fn key_id(&self, secret: &str) -> String {
        key_id(self.purpose, secret)
    }
}

/// Whether a text has the form of an encrypted one, under whichever key. Others have a `1` and two dots,
/// too.
#[must_use]
pub fn looks_encrypted(text: &str) -> bool {
    let mut parts = text.splitn(3, '.');
    let (Some(VERSION), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_id = id.len() == 2 * KEY_ID_LEN && id.bytes().all(is_hex);
    let bytes = encoding::from_base64url(bytes);
    is_id && bytes.is_some_and(|bytes| bytes.len() >= NONCE_LEN + MAX_TAG_LEN)
}

/// What a key is called in texts of a purpose.
pub(crate) fn key_id(purpose: &str, secret: &str) -> String {
    let digest = signing::salted_hmac(KEY_ID, purpose.as_bytes(), secret);
    encoding::hex(&digest[..KEY_ID_LEN])
}

impl fmt::Debug for Cipher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cipher").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    fn keys(current: &str, fallbacks: &[&str]) -> SecretKeys {
        SecretKeys::new(current, fallbacks.iter().map(|key| (*key).to_owned()).collect())
    }

    fn read(keys: &SecretKeys, purpose: &'static str, text: &str) -> Result<String, DecryptError> {
        Cipher::new(keys, purpose).decrypt(text, "about").map(|text| text.to_string())
    }

    #[test]
    fn a_text_is_read_under_its_key_and_no_other() {
        let old = keys("old", &[]);
        let text = Cipher::new(&old, "mail").encrypt("a link", "about", &OsRandom);
        assert!(!text.contains("link"), "{text}");
        assert_eq!(read(&old, "mail", &text).as_deref(), Ok("a link"));
        assert_eq!(read(&keys("new", &["old"]), "mail", &text).as_deref(), Ok("a link"));
        assert_eq!(read(&keys("new", &[]), "mail", &text), Err(DecryptError::UnknownKey));
        assert_eq!(read(&old, "secret", &text), Err(DecryptError::UnknownKey));
    }

    #[test]
    fn a_text_that_was_changed_or_is_about_something_else_is_refused() {
        let keys = keys("key", &[]);
        let cipher = Cipher::new(&keys, "mail");
        let text = cipher.encrypt("a link", "about", &OsRandom);
        assert_eq!(cipher.decrypt(&text, "another").err(), Some(DecryptError::Damaged));
        let (start, bytes) = text.rsplit_once('.').unwrap();
        let mut changed = encoding::from_base64url(bytes).unwrap();
        for at in 0..changed.len() {
            changed[at] ^= 1;
            let other = format!("{start}.{}", encoding::base64url(&changed));
            assert_eq!(read(&keys, "mail", &other), Err(DecryptError::Damaged), "byte {at}");
            changed[at] ^= 1;
        }
        for short in ["", "1", "1.x", "2.a.b", &format!("{start}."), &format!("{start}.AAAA")] {
            assert!(read(&keys, "mail", short).is_err(), "{short}");
        }
    }

    #[test]
    fn a_text_looks_encrypted_by_its_whole_form() {
        let keys = keys("key", &[]);
        for text in ["a link", ""] {
            assert!(looks_encrypted(&Cipher::new(&keys, "mail").encrypt(text, "about", &OsRandom)));
        }
        let bytes = "A".repeat(40);
        assert!(looks_encrypted(&format!("1.0123abcd.{bytes}")));
        for start in ["2.0123abcd", "1.0123ABCD", "1.0123abc", "1.0123abcde", "1.AXoAkTGsCe3T"] {
            assert!(!looks_encrypted(&format!("{start}.{bytes}")), "{start}");
        }
        for short in ["", "1", "1.0123abcd", "1.0123abcd.", "1.0123abcd.AAAA", "1.0123abcd.a b"] {
            assert!(!looks_encrypted(short), "{short}");
        }
    }

    #[test]
    fn one_text_looks_different_each_time() {
        let keys = keys("key", &[]);
        let encrypt = || Cipher::new(&keys, "mail").encrypt("a link", "about", &OsRandom);
        assert_ne!(encrypt(), encrypt());
    }
}
