//! What a token is known by that must not count twice.

use rest_auth_domain::opaque_token::digest_of;
use serde_json::{Map, Value};

/// What an ID token or a notice is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The digest of the token's own id and issuer, or of the whole token where it has none.
    pub digest: String,
    /// Whether the token has an id (`jti`).
    pub has_id: bool,
    /// When the token ends, in seconds since 1970.
    pub ends: i64,
}

/// What a token with these claims is known by until it ends.
pub(crate) fn of(token: &str, claims: &Map<String, Value>, ends: i64) -> Once {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let id = text("jti").map(|id| format!("{}\n{id}", text("iss").unwrap_or_default()));
    // Without the signature, of which there may be several for one message.
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    Once { has_id: id.is_some(), digest: digest_of(id.as_deref().unwrap_or(signed)), ends }
}

/// A time among the claims, in whole seconds.
pub(crate) fn seconds(claims: &Map<String, Value>, name: &str) -> i64 {
    let time = claims.get(name).and_then(Value::as_f64).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "a time that was checked to be one")]
    let time = time as i64;
    time
}
