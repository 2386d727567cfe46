//! Endpoints at their paths: one that is about a provider is there once for each that is configured.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use rest_auth_flows::settings::ProviderSettings;

use super::entry::{Endpoint, Operation};

/// The part of a path, of an operation's name and of a summary that stands for the provider.
const PROVIDER: &str = "{provider}";

/// An endpoint at a path.
#[derive(Clone)]
pub(crate) struct Mounted {
    endpoint: &'static Endpoint,
    provider: Option<Provider>,
}

/// The provider that an endpoint is about.
#[derive(Clone)]
struct Provider {
    id: Arc<str>,
    name: Arc<str>,
}

impl Mounted {
    /// The endpoint for one provider.
    pub(crate) fn of_provider(endpoint: &'static Endpoint, provider: &ProviderSettings) -> Self {
        let name = provider.display_name();
        let provider = Provider { id: provider.id.as_str().into(), name: name.into() };
        Self { endpoint, provider: Some(provider) }
    }

    /// Its table entry.
    pub(crate) fn endpoint(&self) -> &'static Endpoint {
        self.endpoint
    }

    /// The id of the provider.
    pub(crate) fn provider(&self) -> Option<&Arc<str>> {
        self.provider.as_ref().map(|provider| &provider.id)
    }

    /// The path below the mount point.
    pub(crate) fn path(&self) -> Cow<'static, str> {
        match &self.provider {
            Some(provider) => self.endpoint.path.replace(PROVIDER, &provider.id).into(),
            None => self.endpoint.path.into(),
        }
    }

    /// The names of the parameters in the path, in which the provider has its place already.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        let parts = self.endpoint.path.split('/').filter(|part| *part != PROVIDER);
        parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// The name of an operation in generated clients.
    pub(crate) fn operation_id(&self, operation: &Operation) -> Cow<'static, str> {
        match &self.provider {
            Some(provider) => operation.id.replace(PROVIDER, &in_one_word(&provider.id)).into(),
            None => operation.id.into(),
        }
    }

    /// What an operation does, in a few words.
    pub(crate) fn summary(&self, operation: &Operation) -> Cow<'static, str> {
        match &self.provider {
            Some(provider) => operation.summary.replace(PROVIDER, &provider.name).into(),
            None => operation.summary.into(),
        }
    }
}

impl From<&'static Endpoint> for Mounted {
    fn from(endpoint: &'static Endpoint) -> Self {
        Self { endpoint, provider: None }
    }
}

impl Deref for Mounted {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        self.endpoint
    }
}

/// `twitter_oauth2` as `TwitterOauth2`.
fn in_one_word(id: &str) -> String {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric());
    let capitalized = |word: &str| {
        let mut characters = word.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    words.map(capitalized).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_provider_is_a_word_of_a_name() {
        assert_eq!(in_one_word("google"), "Google");
        assert_eq!(in_one_word("twitter_oauth2"), "TwitterOauth2");
        assert_eq!(in_one_word("my-company.id"), "MyCompanyId");
    }
}
