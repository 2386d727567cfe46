//! The text of a token, character for character as PyJWT writes it.

use serde_json::{Map, Value};

use super::claims::Claims;
use super::keys::{JwtKeys, SigningError};
use super::settings::TokenSettings;
use crate::{encoding, json};

/// The first segment of every token that these keys sign under these settings. PyJWT sorts the
/// members of the header, hence `alg`, `typ`.
pub(super) fn header(keys: &JwtKeys, settings: &TokenSettings) -> String {
    let mut header = Map::new();
    header.insert("alg".to_owned(), keys.algorithm().name().into());
    let header_type = settings.header_type.as_deref().unwrap_or("JWT");
    header.insert("typ".to_owned(), header_type.into());
    encoding::base64url(json::compact_ascii(&Value::Object(header)))
}

/// Signs `claims`, after setting `aud` and `iss` where they are configured.
pub(super) fn token(
    header: &str,
    mut claims: Claims,
    keys: &JwtKeys,
    settings: &TokenSettings,
) -> Result<String, SigningError> {
    if let Some(audience) = &settings.audience {
        claims.insert("aud", audience.to_value());
    }
    if let Some(issuer) = &settings.issuer {
        claims.insert("iss", issuer.as_str());
    }
    let payload = json::compact_ascii(&Value::Object(claims.into_map()));
    let mut text = format!("{header}.{}", encoding::base64url(payload));
    let signature = keys.sign(text.as_bytes())?;
    text.push('.');
    text.push_str(&signature);
    Ok(text)
}
