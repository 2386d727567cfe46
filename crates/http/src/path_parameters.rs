//! The values of the `{name}` parameters in a path.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts as Head;

/// The key of a row.
pub(crate) const ID: &str = "id";

/// The name of a login.
pub(crate) const SESSION: &str = "session";

/// The provider of an endpoint, which is a literal part of its path.
const PROVIDER: &str = "{provider}";

/// The values of a path, in the order of the path.
#[derive(Debug, Default)]
pub(crate) struct PathParameters(Vec<(String, String)>);

impl PathParameters {
    /// The same for an endpoint that is about a provider.
    pub(crate) fn with_provider(mut self, provider: Option<&str>) -> Self {
        self.0.extend(provider.map(|id| (PROVIDER.to_owned(), id.to_owned())));
        self
    }

    /// The id of the provider that the endpoint is about.
    pub(crate) fn provider(&self) -> Option<&str> {
        let found = self.0.iter().rfind(|(name, _)| name == PROVIDER);
        found.map(|(_, id)| id.as_str())
    }

    /// The name of a login, in base64url.
    pub(crate) fn name(&self) -> Option<&str> {
        let (_, text) = self.0.iter().rfind(|(name, _)| name == SESSION)?;
        is_name(text).then_some(text)
    }

    /// The value of this name that is last in the path.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rfind(|(known, _)| known == name);
        found.map(|(_, text)| text.as_str())
    }

    /// The key of a row: a whole number from 1, in plain digits.
    pub(crate) fn id(&self) -> Option<i64> {
        // The path of an application that embeds the API may have parameters in front of this one.
        let (_, text) = self.0.iter().rfind(|(name, _)| name == ID)?;
        let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        text.parse().ok().filter(|_| is_plain)
    }
}

/// Whether a text is one of base64url.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

impl<S: Send + Sync> FromRequestParts<S> for PathParameters {
    type Rejection = Infallible;

    /// A path that is not UTF-8 has no values, so its endpoint answers 404.
    async fn from_request_parts(head: &mut Head, state: &S) -> Result<Self, Infallible> {
        let Ok(found) = RawPathParams::from_request_parts(head, state).await else {
            return Ok(Self::default());
        };
        Ok(Self(found.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(values: &[(&str, &str)]) -> Option<i64> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        PathParameters(values.iter().map(own).collect()).id()
    }

    #[test]
    fn an_id_is_a_number_in_plain_digits() {
        assert_eq!(id(&[("id", "7")]), Some(7));
        assert_eq!(id(&[("id", "9223372036854775807")]), Some(i64::MAX));
        for text in ["", "0", "07", "-7", "+7", " 7", "7.0", "9223372036854775808", "x", "\u{664}"]
        {
            assert_eq!(id(&[("id", text)]), None, "{text}");
        }
    }

    #[test]
    fn of_several_the_one_of_the_endpoint_counts() {
        assert_eq!(id(&[("id", "tenant"), ("id", "7")]), Some(7));
        assert_eq!(id(&[("tenant", "7")]), None);
    }
}
