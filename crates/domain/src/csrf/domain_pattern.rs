//! The hosts that a configured domain covers.

/// Whether `pattern` covers `host` (Django's `is_same_domain`): a pattern with a
/// leading dot means that domain and everything below it. The pattern's case does not count,
/// the host's does.
#[must_use]
pub(super) fn is_same_domain(host: &str, pattern: &str) -> bool {
    DomainPattern::new(pattern).is_some_and(|pattern| pattern.matches(host))
}

/// A domain, or with a leading dot a domain and everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DomainPattern(String);

impl DomainPattern {
    /// `None` for the empty pattern, which matches nothing.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        (!pattern.is_empty()).then(|| Self(pattern.to_lowercase()))
    }

    pub(super) fn matches(&self, host: &str) -> bool {
        match self.0.strip_prefix('.') {
            Some(domain) => host == domain || host.ends_with(&self.0),
            None => host == self.0,
        }
    }
}
