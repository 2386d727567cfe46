//! The keys that sign and check tokens, parsed once and used for every request.

use std::collections::HashMap;
use std::fmt;

use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use super::algorithm::Algorithm;
use super::verifying_key::{VerifyingKey, signing_key};

/// Why a configured key cannot be used. The messages are for administrators and name the cure.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No key, or blanks only.
    #[error("the key is empty")]
    Empty,
    /// A key pair where a secret belongs.
    #[error(
        "{algorithm} takes a shared secret, not a PEM or SSH key; choose RS256, ES256 or EdDSA"
    )]
    PemAsSecret {
        /// The algorithm chosen.
        algorithm: Algorithm,
    },
    /// A secret where a key pair belongs.
    #[error("{algorithm} takes a key in PEM form, beginning with -----BEGIN")]
    NotPem {
        /// The algorithm chosen.
        algorithm: Algorithm,
    },
    /// A PEM key in a container that is not supported.
    #[error("the key must be unencrypted PKCS#8; convert it with: openssl pkcs8 -topk8 -nocrypt")]
    NotPkcs8,
    /// A private key that cannot be read or is not of this algorithm.
    #[error("the signing key is not a private key for {algorithm}")]
    SigningKey {
        /// The algorithm chosen.
        algorithm: Algorithm,
        /// What the parser said.
        #[source]
        cause: jsonwebtoken::errors::Error,
    },
    /// A public key that cannot be read or is not of this algorithm.
    #[error("the verifying key is not a public key for {algorithm}")]
    VerifyingKey {
        /// The algorithm chosen.
        algorithm: Algorithm,
        /// What the parser said.
        #[source]
        cause: jsonwebtoken::errors::Error,
    },
    /// The public key does not check what the private key signs.
    #[error("the verifying key does not belong to the signing key")]
    Mismatch,
    /// Two keys of the same name.
    #[error("two keys have the id {0:?}")]
    DuplicateKeyId(String),
}

/// A token could not be signed: the random source or the cryptographic library failed.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed")]
pub struct SigningError(#[from] jsonwebtoken::errors::Error);

/// The key that signs, and all keys that check. `Debug` shows names only.
pub struct JwtKeys {
    signing: EncodingKey,
    current: VerifyingKey,
    key_id: Option<String>,
    others: HashMap<String, VerifyingKey>,
    is_weak: bool,
}

impl JwtKeys {
    /// Reads the configured keys: for HS* `signing_key` is a secret, taken as its UTF-8 bytes, and
    /// `verifying_key` is not looked at; else both are PEM texts, and without a `verifying_key`
    /// the public half of `signing_key` is used.
    ///
    /// # Errors
    /// [`KeyError`]; a pair is tried out, so that a wrong one is found at start.
    pub fn new(
        algorithm: Algorithm,
        signing_key_text: &str,
        verifying_key_text: Option<&str>,
    ) -> Result<Self, KeyError> {
        let signing = signing_key(algorithm, signing_key_text)?;
        let is_secret = algorithm.least_secret_length().is_some();
        let public_text = verifying_key_text.filter(|text| !is_secret && !text.trim().is_empty());
        let current = match public_text {
            Some(text) => VerifyingKey::read(algorithm, text)?,
            None => VerifyingKey::of(algorithm, &signing, signing_key_text)?,
        };
        let is_weak =
            algorithm.least_secret_length().is_some_and(|least| signing_key_text.len() < least);
        let keys = Self { signing, current, key_id: None, others: HashMap::new(), is_weak };
        keys.try_out()?;
        Ok(keys)
    }

    /// Names the signing key: new tokens carry the name as `kid`. Tokens without a name go on
    /// being checked with it.
    ///
    /// # Errors
    /// [`KeyError::DuplicateKeyId`] if another key has this name.
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Result<Self, KeyError> {
        let key_id = key_id.into();
        if self.others.contains_key(&key_id) {
            return Err(KeyError::DuplicateKeyId(key_id));
        }
        self.key_id = Some(key_id);
        Ok(self)
    }

    /// Also accepts tokens of the key `key_id`, with its own algorithm: the key before or after a
    /// rotation. `key` is a secret or the PEM text of a public key.
    ///
    /// # Errors
    /// [`KeyError`] if it cannot be read or the name is taken.
    pub fn with_verifying_key(
        mut self,
        key_id: impl Into<String>,
        algorithm: Algorithm,
        key: &str,
    ) -> Result<Self, KeyError> {
        let key_id = key_id.into();
        if self.key_id.as_ref() == Some(&key_id) || self.others.contains_key(&key_id) {
            return Err(KeyError::DuplicateKeyId(key_id));
        }
        self.others.insert(key_id, VerifyingKey::read(algorithm, key)?);
        Ok(self)
    }

    /// The algorithm of the signing key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.current.algorithm()
    }

    /// The name of the signing key, if it has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Whether the shared secret is shorter than RFC 7518 section 3.2 demands. PyJWT only warns.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }

    /// The SHA-256 thumbprint of the public signing key (RFC 7638), a good name for it. `None` for
    /// shared secrets, and for Ed25519, whose thumbprint the library cannot make.
    #[must_use]
    pub fn thumbprint(&self) -> Option<String> {
        self.current.thumbprint()
    }

    /// All public keys as a JSON Web Key Set (RFC 7517), the signing one first, then by name.
    /// Shared secrets are never in it.
    #[must_use]
    pub fn public_key_set(&self) -> Value {
        let mut others: Vec<_> = self.others.iter().collect();
        others.sort_by_key(|(key_id, _)| *key_id);
        let keys: Vec<Value> = std::iter::once((self.key_id(), &self.current))
            .chain(others.into_iter().map(|(key_id, key)| (Some(key_id.as_str()), key)))
            .filter_map(|(key_id, key)| key.public_jwk(key_id))
            .collect();
        json!({ "keys": keys })
    }

    /// Signs with the current key; the signature is unpadded base64url.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String, SigningError> {
        Ok(jsonwebtoken::crypto::sign(message, &self.signing, self.algorithm().native())?)
    }

    /// The key that checks tokens of this `kid`. An unknown name means the current key, as in
    /// PyJWT: the signature decides.
    pub(super) fn verifying_key(&self, key_id: Option<&str>) -> &VerifyingKey {
        key_id.and_then(|key_id| self.others.get(key_id)).unwrap_or(&self.current)
    }

    fn try_out(&self) -> Result<(), KeyError> {
        let algorithm = self.algorithm();
        let signature = jsonwebtoken::crypto::sign(b"probe", &self.signing, algorithm.native())
            .map_err(|cause| KeyError::SigningKey { algorithm, cause })?;
        if self.current.verifies(b"probe", &signature) { Ok(()) } else { Err(KeyError::Mismatch) }
    }
}

impl fmt::Debug for JwtKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKeys")
            .field("algorithm", &self.algorithm())
            .field("key_id", &self.key_id)
            .field("others", &self.others.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
