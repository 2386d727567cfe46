//! The client secret that Apple asks for: a JWT that the app signs, minted for each request.
//! <https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret>

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;

/// How long one is valid. Apple allows six months; each is used once.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// Where it is meant for.
const AUDIENCE: &str = "https://appleid.apple.com";

/// The key cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("it is no private key of P-256 in PKCS#8 (the text of the .p8 file)")]
pub struct ClientSecretError(#[source] jsonwebtoken::errors::Error);

/// Signs client secrets.
#[derive(Clone)]
pub struct ClientSecret {
    key: EncodingKey,
    key_id: String,
    team: String,
}

impl ClientSecret {
    /// Reads the private key of an app. `team` is the id of the developer's team.
    ///
    /// # Errors
    /// [`ClientSecretError`] if the text is no key.
    pub fn new(pem: &str, key_id: &str, team: &str) -> Result<Self, ClientSecretError> {
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).map_err(ClientSecretError)?;
        Ok(Self { key, key_id: key_id.to_owned(), team: team.to_owned() })
    }

    /// The secret for one request of a client.
    ///
    /// # Errors
    /// [`ClientSecretError`] if the key cannot sign.
    pub fn mint(&self, client_id: &str, now: DateTime<Utc>) -> Result<String, ClientSecretError> {
        let header = Header {
            kid: Some(self.key_id.clone()),
            typ: None,
            ..Header::new(jsonwebtoken::Algorithm::ES256)
        };
        let claims = json!({
            "iss": self.team,
            "iat": now.timestamp(),
            "exp": (now + LIFETIME).timestamp(),
            "aud": AUDIENCE,
            "sub": client_id,
        });
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(ClientSecretError)
    }
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientSecret").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
