//! The settings that say which sites may send requests, read once at start.

use super::domain_pattern::DomainPattern;
use super::url::SplitUrl;
use crate::host::AllowedHosts;

/// `CSRF_TRUSTED_ORIGINS`: other sites that may send unsafe requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedOrigins {
    exact: Vec<String>,
    /// Scheme and domain of the entries with `*`.
    below: Vec<(String, DomainPattern)>,
    /// The hosts of all entries, which a `Referer` is held against whatever its scheme.
    hosts: Vec<DomainPattern>,
}

/// An entry of `CSRF_TRUSTED_ORIGINS` that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no origin: write scheme://host[:port], where the host may start with \"*.\"")]
pub struct BadOrigin(pub String);

impl TrustedOrigins {
    /// Reads the setting: `scheme://host[:port]`, where the host may start with `*.` to mean the
    /// domain and everything below it.
    ///
    /// # Errors
    /// [`BadOrigin`] for an entry without scheme or host.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, BadOrigin> {
        let mut origins = Self::default();
        for entry in entries {
            let entry = entry.as_ref();
            origins.add(entry).ok_or_else(|| BadOrigin(entry.to_owned()))?;
        }
        Ok(origins)
    }

    fn add(&mut self, entry: &str) -> Option<()> {
        let url = SplitUrl::parse(entry).filter(|url| !url.scheme.is_empty())?;
        let host = DomainPattern::new(url.netloc.trim_start_matches('*'))?;
        if entry.contains('*') {
            self.below.push((url.scheme, host.clone()));
        } else {
            self.exact.push(entry.to_owned());
        }
        self.hosts.push(host);
        Some(())
    }

    /// Whether an `Origin` header names one of them.
    #[must_use]
    pub fn trusts_origin(&self, origin: &str) -> bool {
        if self.exact.iter().any(|exact| exact == origin) {
            return true;
        }
        if self.below.is_empty() {
            return false;
        }
        SplitUrl::parse(origin).is_some_and(|url| {
            self.below
                .iter()
                .any(|(scheme, host)| *scheme == url.scheme && host.matches(&url.netloc))
        })
    }

    /// Whether the host of a `Referer`, with its port, is that of one of them.
    pub(super) fn trusts_host(&self, netloc: &str) -> bool {
        self.hosts.iter().any(|host| host.matches(netloc))
    }
}

/// All settings that the CSRF decision needs.
#[derive(Clone, Debug)]
pub struct CsrfRules {
    pub(super) trusted: TrustedOrigins,
    pub(super) allowed_hosts: AllowedHosts,
    pub(super) cookie_domain: Option<String>,
    header: String,
    pub(super) shown_header: String,
}

impl CsrfRules {
    /// `cookie_domain` is `CSRF_COOKIE_DOMAIN`, or `SESSION_COOKIE_DOMAIN` where the secret is
    /// kept in the session. `header` is `CSRF_HEADER_NAME`, in Django's CGI spelling
    /// (`HTTP_X_CSRFTOKEN`) or as sent (`X-CSRFToken`).
    #[must_use]
    pub fn new(
        trusted: TrustedOrigins,
        allowed_hosts: AllowedHosts,
        cookie_domain: Option<String>,
        header: &str,
    ) -> Self {
        let header = header_name(header);
        let shown_header = title(&header);
        Self { trusted, allowed_hosts, cookie_domain, header, shown_header }
    }

    /// The name of the header that carries the token, in lower case.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.header
    }
}

/// The name of a header in lower case, from Django's CGI spelling (`HTTP_X_CSRFTOKEN`) or from
/// that on the wire (`X-CSRFToken`).
#[must_use]
pub fn header_name(spelling: &str) -> String {
    let name = spelling.strip_prefix("HTTP_").unwrap_or(spelling);
    name.replace('_', "-").to_ascii_lowercase()
}

/// Python's `str.title` of a lower-case name.
fn title(name: &str) -> String {
    let mut after_letter = false;
    name.chars()
        .map(|c| {
            let shown = if after_letter { c } else { c.to_ascii_uppercase() };
            after_letter = c.is_ascii_alphabetic();
            shown
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_read_in_both_spellings() {
        for spelling in ["HTTP_X_XSRF2_TOKEN", "X-XSRF2-Token"] {
            let (origins, hosts) = (TrustedOrigins::default(), AllowedHosts::default());
            let rules = CsrfRules::new(origins, hosts, None, spelling);
            assert_eq!(rules.header(), "x-xsrf2-token");
            assert_eq!(rules.shown_header, "X-Xsrf2-Token");
        }
    }

    #[test]
    fn entries_that_are_no_origin_are_named() {
        for entry in ["example.com", "*.example.com", "https://", "https://*", "https://[", ""] {
            let refused = TrustedOrigins::parse(&["https://ok.example", entry]);
            assert_eq!(refused, Err(BadOrigin(entry.to_owned())));
        }
    }
}
