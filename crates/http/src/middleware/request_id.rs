//! The id of a request, by which it is found in the log.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use rest_auth_domain::random::{self, RandomSource};

/// The header that carries it, in both directions.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id that a proxy gave, if it has allowed characters only; else a new one.
pub(crate) fn of(headers: &HeaderMap, source: &dyn RandomSource) -> HeaderValue {
    headers.get(X_REQUEST_ID).filter(|id| is_harmless(id)).cloned().unwrap_or_else(|| {
        HeaderValue::from_str(&random::hex(source, 16))
            .unwrap_or_else(|_| HeaderValue::from_static("unknown"))
    })
}

/// Letters, digits, `-` and `_` only: the id is written into logs as it is.
fn is_harmless(id: &HeaderValue) -> bool {
    (8..=64).contains(&id.len())
        && id.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use rest_auth_domain::random::OsRandom;

    use super::*;

    fn given(id: &'static str) -> HeaderValue {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_static(id));
        of(&headers, &OsRandom)
    }

    #[test]
    fn a_harmless_id_is_kept_and_any_other_replaced() {
        assert_eq!(given("0af7651916cd43dd-8448"), "0af7651916cd43dd-8448");
        assert_eq!(given("a b; level=error").len(), 32);
        assert_eq!(given("short").len(), 32);
        assert_ne!(of(&HeaderMap::new(), &OsRandom), of(&HeaderMap::new(), &OsRandom));
    }
}
