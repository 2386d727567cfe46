//! Which hosts are one site for browsers, so that `SameSite` lets cookies travel between them.

use url::{Host, Url};

/// Labels below which others register, before a country: `co.uk`.
const SECOND_LEVEL: [&str; 11] =
    ["ac", "co", "com", "edu", "gob", "gov", "ne", "net", "nom", "or", "org"];

/// Whether two addresses are of one site: their schemes are the same, and the domains that somebody
/// registered. Ports do not count.
///
/// The public suffix list is not looked at: of hosts below one of its rarer entries, such as
/// `github.io`, this says wrongly that they are one site.
pub(super) fn same(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme() && registered(one) == registered(other)
}

/// The domain that somebody registered, or the whole host where there is no such domain.
pub(super) fn registered(url: &Url) -> Option<String> {
    let Host::Domain(name) = url.host()? else { return url.host_str().map(str::to_owned) };
    let labels: Vec<_> = name.trim_end_matches('.').split('.').collect();
    let count = match labels.as_slice() {
        [.., second, country] if country.len() == 2 && SECOND_LEVEL.contains(second) => 3,
        _ => 2,
    };
    Some(labels[labels.len().saturating_sub(count)..].join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        super::same(&Url::parse(one).unwrap(), &Url::parse(other).unwrap())
    }

    #[test]
    fn hosts_below_one_registered_domain_are_one_site() {
        assert!(same("https://auth.example.com", "https://app.example.com:8443"));
        assert!(same("https://example.co.uk", "https://a.b.example.co.uk"));
        assert!(same("https://app.abc.de", "https://auth.abc.de"));
        assert!(same("http://localhost:3000", "http://localhost:8000"));
        assert!(same("http://127.0.0.1:3000", "http://127.0.0.1:8000"));
    }

    #[test]
    fn other_domains_schemes_and_addresses_are_other_sites() {
        assert!(!same("https://auth.example.com", "https://auth.example.org"));
        assert!(!same("https://one.co.uk", "https://two.co.uk"));
        assert!(!same("https://example.com", "http://example.com"));
        assert!(!same("http://localhost:3000", "http://127.0.0.1:3000"));
        assert!(!same("http://127.0.0.1", "http://127.0.0.2"));
    }
}
