//! `Authorization` headers of DRF and SimpleJWT.

use rest_auth_domain::authorization::{self, Case, HeaderError};
use serde_json::{Value, json};

use crate::load::{self, Vector};

/// A header as it came over the wire: the vectors hold it as latin-1 text. None if absent.
fn header(vector: &Vector) -> Option<Vec<u8>> {
    let text = vector.inputs["header"].as_str()?;
    Some(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect())
}

fn read<'h>(
    header: Option<&'h [u8]>,
    scheme: impl Fn(&'h [u8]) -> Result<Option<&'h str>, HeaderError>,
) -> Result<Option<&'h str>, HeaderError> {
    header.map_or(Ok(None), scheme)
}

#[test]
fn authtoken_header() {
    load::each("authtoken.header", |v| {
        let header = header(v);
        let actual = match read(header.as_deref(), authorization::token) {
            Ok(key) => json!({ "key": key }),
            Err(refusal) => json!({ "error": refusal.to_string() }),
        };
        load::equal(&actual, &v.expected)
    });
}

#[test]
fn jwt_header() {
    load::each("jwt.header", |v| {
        let keywords = match &v.inputs["types"] {
            Value::Array(types) => types.iter().map(|t| t.as_str().unwrap()).collect(),
            _ => vec!["Bearer"],
        };
        let header = header(v);
        let token = read(header.as_deref(), |header| {
            let token = authorization::jwt(header, &keywords, Case::Exact)?;
            Ok(token.map(|token| std::str::from_utf8(token).unwrap()))
        });
        let actual = match token {
            Ok(token) => json!({ "token": token }),
            Err(refusal) => json!({ "error": refusal.to_string(), "code": refusal.code() }),
        };
        load::equal(&actual, &v.expected)
    });
}
