//! The segments of a JWT, `header.payload.signature`.

use serde_json::{Map, Value};

use crate::encoding;

/// The segments of a text that has the form of a JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segments<'t> {
    /// What is signed: the header and the payload.
    pub(crate) message: &'t str,
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signature: &'t str,
}

impl<'t> Segments<'t> {
    pub(crate) fn of(token: &'t str) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        Some(Self { message, header, payload, signature })
    }
}

/// The object in a segment.
pub(crate) fn object(segment: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&encoding::from_base64url(segment)?).ok()
}

/// Whether a header demands an extension: none is understood here (RFC 7515, section 4.1.11, and RFC
/// 7797).
pub(crate) fn demands_extension(header: &Map<String, Value>) -> bool {
    header.contains_key("crit") || header.get("b64") == Some(&Value::Bool(false))
}
