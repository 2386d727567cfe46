//! One key that checks signatures, read from the text of the configuration.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, EncodingKey};

use super::algorithm::{Algorithm, KeyFamily};
use super::keys::KeyError;

/// A key bound to its one algorithm.
pub(super) struct VerifyingKey {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl VerifyingKey {
    /// Reads a shared secret or the PEM text of a public key.
    pub(super) fn read(algorithm: Algorithm, text: &str) -> Result<Self, KeyError> {
        let unreadable = |cause| KeyError::VerifyingKey { algorithm, cause };
        check_form(algorithm, text)?;
        let key = match algorithm.family() {
            KeyFamily::Secret => return Ok(Self::secret(algorithm, text)),
            KeyFamily::Rsa => DecodingKey::from_rsa_pem(text.as_bytes()),
            KeyFamily::EllipticCurve => DecodingKey::from_ec_pem(text.as_bytes()),
            KeyFamily::Edwards => DecodingKey::from_ed_pem(text.as_bytes()),
        }
        .map_err(unreadable)?;
        Ok(Self { algorithm, key })
    }

    /// The half of a signing key that checks what it signed.
    pub(super) fn of(
        algorithm: Algorithm,
        signing: &EncodingKey,
        text: &str,
    ) -> Result<Self, KeyError> {
        if algorithm.family() == KeyFamily::Secret {
            return Ok(Self::secret(algorithm, text));
        }
        let unreadable = |cause| KeyError::SigningKey { algorithm, cause };
        let public = Jwk::from_encoding_key(signing, algorithm.native()).map_err(unreadable)?;
        let key = DecodingKey::from_jwk(&public).map_err(unreadable)?;
        Ok(Self { algorithm, key })
    }

    fn secret(algorithm: Algorithm, text: &str) -> Self {
        Self { algorithm, key: DecodingKey::from_secret(text.as_bytes()) }
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether this key made the signature, given as unpadded base64url text, of the message.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        jsonwebtoken::crypto::verify(signature, message, &self.key, self.algorithm.native())
            .unwrap_or(false)
    }
}

/// Reads a shared secret or the PEM text of a private key.
pub(super) fn signing_key(algorithm: Algorithm, text: &str) -> Result<EncodingKey, KeyError> {
    check_form(algorithm, text)?;
    match algorithm.family() {
        KeyFamily::Secret => return Ok(EncodingKey::from_secret(text.as_bytes())),
        KeyFamily::Rsa => EncodingKey::from_rsa_pem(text.as_bytes()),
        KeyFamily::EllipticCurve => EncodingKey::from_ec_pem(text.as_bytes()),
        KeyFamily::Edwards => EncodingKey::from_ed_pem(text.as_bytes()),
    }
    .map_err(|cause| KeyError::SigningKey { algorithm, cause })
}

/// Refuses the usual mix-ups with a sentence that helps, before the parsers say less.
fn check_form(algorithm: Algorithm, text: &str) -> Result<(), KeyError> {
    let is_pem = text.contains("-----BEGIN ");
    if text.trim().is_empty() {
        return Err(KeyError::Empty);
    }
    if algorithm.family() == KeyFamily::Secret {
        // With a public key as the secret everybody could sign.
        let asymmetric = is_pem || text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-");
        return if asymmetric { Err(KeyError::PemAsSecret { algorithm }) } else { Ok(()) };
    }
    if !is_pem {
        return Err(KeyError::NotPem { algorithm });
    }
    for unsupported in ["BEGIN EC PRIVATE KEY", "BEGIN EC PARAMETERS", "BEGIN ENCRYPTED"] {
        if text.contains(unsupported) {
            return Err(KeyError::NotPkcs8);
        }
    }
    Ok(())
}
