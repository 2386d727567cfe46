//! The public keys of a provider.

use std::ops::RangeInclusive;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Map, Value};

use crate::encoding;
use crate::jwt::algorithm::{Algorithm, KeyFamily};

/// The most keys that are read. Providers publish two to five.
const MOST_KEYS: usize = 100;

/// The bits that the modulus of an RSA key may have: others are never verified with.
const RSA_BITS: RangeInclusive<usize> = 2048..=8192;

/// The document has neither a list of keys nor certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document of keys is neither a JWK set nor a map of certificates")]
pub struct KeysError;

/// The keys that a provider signs with.
#[derive(Clone, Debug, Default)]
pub struct ProviderKeys(Vec<ProviderKey>);

#[derive(Clone, Debug)]
struct ProviderKey {
    id: Option<String>,
    family: KeyFamily,
    /// The one algorithm that the provider uses it with, if it says so.
    algorithm: Option<String>,
    key: DecodingKey,
}

impl ProviderKeys {
    /// Reads a JWK set (RFC 7517, section 5), or an object of PEM certificates by key id, as Google
    /// also publishes them. Keys that are not for signatures, of a kind or size that is not accepted, or
    /// private are left out: they must not keep the others from being used.
    ///
    /// # Errors
    /// [`KeysError`] for a document of another shape.
    pub fn read(document: &Value) -> Result<Self, KeysError> {
        let members = document.as_object().ok_or(KeysError)?;
        match members.get("keys") {
            Some(keys) => {
                let keys = keys.as_array().ok_or(KeysError)?;
                Ok(Self(keys.iter().take(MOST_KEYS).filter_map(of_jwk).collect()))
            }
            None => of_certificates(members),
        }
    }

    /// How many keys there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether a key of this id is there. A token without an id may be signed with any key.
    #[must_use]
    pub fn has(&self, id: Option<&str>) -> bool {
        id.is_none_or(|id| self.0.iter().any(|key| key.id.as_deref() == Some(id)))
    }

    /// Whether one of the keys that a token may have been signed with made its signature, given as
    /// unpadded base64url text.
    pub(super) fn verify(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &str,
    ) -> bool {
        let fits = |key: &&ProviderKey| {
            key.family == algorithm.family()
                && key.algorithm.as_deref().is_none_or(|name| name == algorithm.name())
                && id.is_none_or(|id| key.id.as_deref() == Some(id))
        };
        self.0.iter().filter(fits).any(|key| {
            jsonwebtoken::crypto::verify(signature, message, &key.key, algorithm.native())
                .unwrap_or(false)
        })
    }
}

fn of_jwk(value: &Value) -> Option<ProviderKey> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    // With its private part published, anybody may have signed with it.
    if value.get("d").is_some() {
        return None;
    }
    let family = match text("kty")? {
        "RSA" => KeyFamily::Rsa,
        "EC" => KeyFamily::EllipticCurve,
        "OKP" => KeyFamily::Edwards,
        _ => return None,
    };
    if family == KeyFamily::Rsa && !RSA_BITS.contains(&bits(text("n")?)) {
        return None;
    }
    // Only the members that say what the key is: unknown ones must not make it unreadable.
    let known = ["kty", "n", "e", "crv", "x", "y"];
    let known =
        known.into_iter().filter_map(|name| Some((name.to_owned(), value.get(name)?.clone())));
    let jwk: Jwk = serde_json::from_value(Value::Object(known.collect())).ok()?;
    Some(ProviderKey {
        id: text("kid").map(str::to_owned),
        family,
        algorithm: text("alg").map(str::to_owned),
        key: DecodingKey::from_jwk(&jwk).ok()?,
    })
}

/// How many bits a number has, given in base64url; 0 if it is not.
fn bits(number: &str) -> usize {
    let bytes = encoding::from_base64url(number).unwrap_or_default();
    let significant = bytes.iter().skip_while(|byte| **byte == 0).count();
    let first = bytes.iter().find(|byte| **byte != 0);
    significant * 8 - first.map_or(0, |byte| byte.leading_zeros() as usize)
}

fn of_certificates(members: &Map<String, Value>) -> Result<ProviderKeys, KeysError> {
    let of_certificate = |(id, pem): (&String, &Value)| {
        let key = DecodingKey::from_rsa_pem(pem.as_str()?.as_bytes()).ok()?;
        Some(ProviderKey { id: Some(id.clone()), family: KeyFamily::Rsa, algorithm: None, key })
    };
    let keys: Vec<_> = members.iter().take(MOST_KEYS).filter_map(of_certificate).collect();
    if keys.is_empty() { Err(KeysError) } else { Ok(ProviderKeys(keys)) }
}
