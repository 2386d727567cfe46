//! Django's signatures: `salted_hmac`, `Signer`, `TimestampSigner`, `dumps` and `loads`.
//!
//! Everything is signed with the first key and accepted with any of them, so that a secret key
//! can be replaced without logging users out.

use std::fmt;
use std::io::{Read as _, Write as _};

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;
use hmac::digest::{Digest, Output};
use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::{encoding, json};

/// What a payload may unpack to, in bytes: a small compressed text must not fill the memory.
const LARGEST_PAYLOAD: u64 = 4 * 1024 * 1024;

/// `SECRET_KEY` followed by `SECRET_KEY_FALLBACKS`.
#[derive(Clone)]
pub struct SecretKeys {
    current: String,
    fallbacks: Vec<String>,
}

impl SecretKeys {
    /// Signs with `current` and also accepts what any of `fallbacks` signed.
    pub fn new(current: impl Into<String>, fallbacks: Vec<String>) -> Self {
        Self { current: current.into(), fallbacks }
    }

    /// The key that signs.
    #[must_use]
    pub fn current(&self) -> &str {
        &self.current
    }

    /// All keys, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.current.as_str()).chain(self.fallbacks.iter().map(String::as_str))
    }
}

impl fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKeys(1 + {} fallbacks)", self.fallbacks.len())
    }
}

/// HMAC-SHA-256 under a key derived from `salt` and `secret`: Django's `salted_hmac` with the
/// algorithm that everything stored or signed today uses.
#[must_use]
pub fn salted_hmac(salt: &str, value: &[u8], secret: &str) -> [u8; 32] {
    salted_hmac_with::<Sha256>(salt, value, secret).into()
}

/// Django's `salted_hmac` over any digest; its own default is SHA-1.
///
/// The HMAC key is the raw digest of `salt` followed by `secret`, however long they are.
#[must_use]
pub fn salted_hmac_with<D: Digest + EagerHash>(
    salt: &str,
    value: &[u8],
    secret: &str,
) -> Output<Hmac<D>> {
    let key = <D as Digest>::new().chain_update(salt).chain_update(secret).finalize();
    hmac_with::<D>(&key, value)
}

/// HMAC-SHA-256 (RFC 2104).
#[must_use]
pub fn hmac_sha256(key: &[u8], value: &[u8]) -> [u8; 32] {
    hmac_with::<Sha256>(key, value).into()
}

/// HMAC-SHA-1 (RFC 2104), where a protocol has no other.
#[must_use]
pub fn hmac_sha1(key: &[u8], value: &[u8]) -> [u8; 20] {
    hmac_with::<Sha1>(key, value).into()
}

fn hmac_with<D: EagerHash>(key: &[u8], value: &[u8]) -> Output<Hmac<D>> {
    // HMAC takes keys of any length, so this cannot fail; an empty MAC would match nothing.
    Hmac::<D>::new_from_slice(key)
        .map(|mac| mac.chain_update(value).finalize().into_bytes())
        .unwrap_or_default()
}

/// Compares two secrets in constant time.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Why a signed text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not signed by any of the keys, or not signed at all.
    #[error("the signature does not match")]
    Bad,
    /// Rightly signed, but longer ago than allowed.
    #[error("the signature is too old")]
    Expired,
}

/// Signs texts for one purpose, named by its salt.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    keys: &'a SecretKeys,
    salt: &'a str,
}

impl<'a> Signer<'a> {
    /// The salt Django uses where none is given.
    pub const DEFAULT_SALT: &'static str = "django.core.signing.Signer";

    /// A signer for the purpose `salt`.
    #[must_use]
    pub fn new(keys: &'a SecretKeys, salt: &'a str) -> Self {
        Self { keys, salt }
    }

    /// `value:signature`.
    #[must_use]
    pub fn sign(&self, value: &str) -> String {
        format!("{value}:{}", self.signature(value, self.keys.current()))
    }

    /// The value of a signed text.
    ///
    /// # Errors
    /// [`SignatureError::Bad`] if no key made the signature.
    pub fn unsign<'t>(&self, signed: &'t str) -> Result<&'t str, SignatureError> {
        let (value, signature) = signed.rsplit_once(':').ok_or(SignatureError::Bad)?;
        if self.keys.all().any(|key| same(signature, &self.signature(value, key))) {
            Ok(value)
        } else {
            Err(SignatureError::Bad)
        }
    }

    /// `value:time:signature` with the time in whole seconds.
    #[must_use]
    pub fn sign_at(&self, value: &str, now: DateTime<Utc>) -> String {
        self.sign(&format!("{value}:{}", encoding::base62(now.timestamp())))
    }

    /// The value of a text that [`sign_at`](Self::sign_at) made at most `max_age` seconds ago.
    /// Times in the future pass, as in Django.
    ///
    /// # Errors
    /// [`SignatureError`]; the signature is checked before the time is looked at.
    pub fn unsign_at<'t>(
        &self,
        signed: &'t str,
        max_age: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<&'t str, SignatureError> {
        let (value, time) = self.unsign(signed)?.rsplit_once(':').ok_or(SignatureError::Bad)?;
        let signed_at = encoding::from_base62(time).ok_or(SignatureError::Bad)?;
        if let Some(max_age) = max_age {
            let age_micros = i128::from(now.timestamp_micros()) - i128::from(signed_at) * 1_000_000;
            if age_micros > i128::from(max_age) * 1_000_000 {
                return Err(SignatureError::Expired);
            }
        }
        Ok(value)
    }

    /// Signs JSON with the time (`django.core.signing.dumps`). With `compress` the payload is
    /// packed when that makes it shorter.
    #[must_use]
    pub fn dumps(&self, payload: &Value, compress: bool, now: DateTime<Utc>) -> String {
        self.dumps_json(&json::compact_ascii(payload), compress, now)
    }

    /// [`dumps`](Self::dumps) of an object.
    #[must_use]
    pub fn dumps_object(
        &self,
        payload: &Map<String, Value>,
        compress: bool,
        now: DateTime<Utc>,
    ) -> String {
        self.dumps_json(&json::compact_ascii_object(payload), compress, now)
    }

    fn dumps_json(&self, json: &str, compress: bool, now: DateTime<Utc>) -> String {
        let packed = compress.then(|| deflate(json.as_bytes())).flatten();
        let text = match packed.filter(|packed| packed.len() + 1 < json.len()) {
            Some(packed) => format!(".{}", encoding::base64url(packed)),
            None => encoding::base64url(json),
        };
        self.sign_at(&text, now)
    }

    /// Reads what [`dumps`](Self::dumps) made.
    ///
    /// # Errors
    /// [`SignatureError`]; a payload that cannot be read counts as badly signed.
    pub fn loads(
        &self,
        signed: &str,
        max_age: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Value, SignatureError> {
        read_payload(self.unsign_at(signed, max_age, now)?)
    }

    /// Reads what [`dumps`](Self::dumps) made, however old, straight into the type wanted.
    ///
    /// # Errors
    /// [`SignatureError::Bad`], also for a payload that is not a `T`.
    pub fn loads_ageless<T: DeserializeOwned>(&self, signed: &str) -> Result<T, SignatureError> {
        let (text, time) = self.unsign(signed)?.rsplit_once(':').ok_or(SignatureError::Bad)?;
        encoding::from_base62(time).ok_or(SignatureError::Bad)?;
        read_payload(text)
    }

    /// Signs JSON without a time (`Signer.sign_object`).
    #[must_use]
    pub fn sign_object(&self, payload: &Value) -> String {
        self.sign(&encoding::base64url(json::compact_ascii(payload)))
    }

    /// Reads what [`sign_object`](Self::sign_object) made.
    ///
    /// # Errors
    /// [`SignatureError::Bad`], also for a payload that is not a `T`.
    pub fn unsign_object<T: DeserializeOwned>(&self, signed: &str) -> Result<T, SignatureError> {
        read_payload(self.unsign(signed)?)
    }

    fn signature(&self, value: &str, key: &str) -> String {
        let key = Sha256::new()
            .chain_update(self.salt)
            .chain_update("signer")
            .chain_update(key)
            .finalize();
        encoding::base64url(hmac_sha256(&key, value.as_bytes()))
    }
}

fn read_payload<T: DeserializeOwned>(text: &str) -> Result<T, SignatureError> {
    let json = match text.strip_prefix('.') {
        Some(packed) => encoding::from_base64url(packed).and_then(|packed| inflate(&packed)),
        None => encoding::from_base64url(text),
    };
    let json = json.ok_or(SignatureError::Bad)?;
    serde_json::from_slice(&json).map_err(|_| SignatureError::Bad)
}

fn deflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len().saturating_mul(2));
    let read = ZlibDecoder::new(bytes).take(LARGEST_PAYLOAD + 1).read_to_end(&mut out).ok()?;
    (read as u64 <= LARGEST_PAYLOAD).then_some(out)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use serde_json::json;

    use super::*;

    fn keys() -> SecretKeys {
        SecretKeys::new("worked-example-key", vec!["secret-before".to_owned()])
    }

    #[test]
    fn a_small_text_cannot_unpack_into_a_huge_one() {
        let keys = keys();
        let signer = Signer::new(&keys, "bomb");
        let largest = usize::try_from(LARGEST_PAYLOAD).unwrap();
        let fits = json!("a".repeat(largest - 2));
        let too_large = json!("a".repeat(largest - 1));
        let sign = |payload| signer.dumps(payload, true, DateTime::UNIX_EPOCH);
        assert!(signer.loads_ageless::<Value>(&sign(&fits)).is_ok_and(|read| read == fits));
        assert_eq!(signer.loads_ageless::<Value>(&sign(&too_large)), Err(SignatureError::Bad));
    }

    #[test]
    fn an_age_is_compared_in_fractions_of_a_second() {
        let keys = keys();
        let signer = Signer::new(&keys, "age");
        let made = Utc.timestamp_opt(1_767_225_600, 0).unwrap();
        let text = signer.sign_at("x", made);
        let late = Utc.timestamp_opt(1_767_225_900, 1_000).unwrap();
        assert_eq!(signer.unsign_at(&text, Some(300), late), Err(SignatureError::Expired));
    }

    #[test]
    fn hostile_texts_are_refused_without_panic() {
        let keys = keys();
        let signer = Signer::new(&keys, "hostile");
        let far = format!("x:{}", "z".repeat(30));
        for text in ["", ":", "::", "\u{0}:\u{0}:\u{0}", &signer.sign(&far), &signer.sign(":-")] {
            assert_eq!(signer.loads(text, Some(1), DateTime::UNIX_EPOCH), Err(SignatureError::Bad));
        }
        let broken = signer.sign_at(".AAAA", DateTime::UNIX_EPOCH);
        assert_eq!(signer.loads_ageless::<Value>(&broken), Err(SignatureError::Bad));
    }

    #[test]
    fn keys_do_not_print() {
        assert_eq!(format!("{:?}", keys()), "SecretKeys(1 + 1 fallbacks)");
    }
}
