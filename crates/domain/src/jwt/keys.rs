//! The pair of keys that signs and checks tokens, parsed once and used for every request.

use std::fmt;

use jsonwebtoken::EncodingKey;

use super::algorithm::{Algorithm, KeyFamily};
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
}

/// A token could not be signed: the random source or the cryptographic library failed.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed")]
pub struct SigningError(#[from] jsonwebtoken::errors::Error);

/// The key that signs and the key that checks. `Debug` shows the algorithm only.
pub struct JwtKeys {
    signing: EncodingKey,
    verifying: VerifyingKey,
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
        let is_secret = algorithm.family() == KeyFamily::Secret;
        let public_text = verifying_key_text.filter(|text| !is_secret && !text.trim().is_empty());
        let verifying = match public_text {
            Some(text) => VerifyingKey::read(algorithm, text)?,
            None => VerifyingKey::of(algorithm, &signing, signing_key_text)?,
        };
        let keys = Self { signing, verifying };
        keys.try_out()?;
        Ok(keys)
    }

    /// The algorithm of the signing key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// Signs a message; the signature is unpadded base64url.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String, SigningError> {
        Ok(jsonwebtoken::crypto::sign(message, &self.signing, self.algorithm().native())?)
    }

    /// The key that checks what [`sign`](Self::sign) signed.
    pub(super) fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    fn try_out(&self) -> Result<(), KeyError> {
        let algorithm = self.algorithm();
        let signature = jsonwebtoken::crypto::sign(b"probe", &self.signing, algorithm.native())
            .map_err(|cause| KeyError::SigningKey { algorithm, cause })?;
        if self.verifying.verifies(b"probe", &signature) { Ok(()) } else { Err(KeyError::Mismatch) }
    }
}

impl fmt::Debug for JwtKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKeys").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
