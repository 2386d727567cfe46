//! URLs split as Python's `urlsplit` splits them. Django's decisions depend on that reading, which
//! differs from a browser's.

use std::net::Ipv6Addr;

use unicode_normalization::UnicodeNormalization as _;

/// The parts of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SplitUrl {
    /// Lower-cased; empty if there is none.
    pub(super) scheme: String,
    /// User, host and port as written; empty if there is none.
    pub(super) netloc: String,
    rest: String,
}

impl SplitUrl {
    /// `None` where Python raises a `ValueError`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches(|c| c <= ' ').replace(['\t', '\r', '\n'], "");
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
            _ => (String::new(), text.as_str()),
        };
        let Some(after) = rest.strip_prefix("//") else {
            return Some(Self { scheme, netloc: String::new(), rest: rest.to_owned() });
        };
        let (netloc, rest) = after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len()));
        let is_good = brackets_are_good(netloc) && stays_a_netloc(netloc);
        is_good.then(|| Self { scheme, netloc: netloc.to_owned(), rest: rest.to_owned() })
    }

    /// The URL put together again (`geturl`), which drops an empty query and fragment.
    pub(super) fn to_text(&self) -> String {
        let (before, fragment) = self.rest.split_once('#').unwrap_or((&self.rest, ""));
        let (path, query) = before.split_once('?').unwrap_or((before, ""));
        let mut out = format!("{}://{}{path}", self.scheme, self.netloc);
        for (sign, part) in [('?', query), ('#', fragment)] {
            if !part.is_empty() {
                out.push(sign);
                out.push_str(part);
            }
        }
        out
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Brackets stand in pairs, around an IPv6 address and nothing else.
fn brackets_are_good(netloc: &str) -> bool {
    if !netloc.contains(['[', ']']) {
        return true;
    }
    if !(netloc.contains('[') && netloc.contains(']')) {
        return false;
    }
    let host = netloc.rsplit_once('@').map_or(netloc, |(_, host)| host);
    let Some(bracketed) = host.strip_prefix('[') else {
        // Brackets in the user part are judged by the host behind it, which is no address.
        return false;
    };
    let (address, port) = bracketed.split_once(']').unwrap_or((bracketed, ""));
    let port_is_good = port.is_empty() || port.starts_with(':');
    port_is_good && (is_ipv6(address) || is_ip_future(address))
}

fn is_ipv6(address: &str) -> bool {
    let (address, zone) = address.split_once('%').map_or((address, None), |(a, z)| (a, Some(z)));
    address.parse::<Ipv6Addr>().is_ok() && zone.is_none_or(|z| !z.is_empty() && !z.contains('%'))
}

/// RFC 3986's address of a future version: `v`, hexadecimal digits, a dot, anything.
fn is_ip_future(address: &str) -> bool {
    address.strip_prefix('v').and_then(|rest| rest.split_once('.')).is_some_and(
        |(version, rest)| {
            !version.is_empty()
                && version.bytes().all(|b| b.is_ascii_hexdigit())
                && !rest.is_empty()
        },
    )
}

/// Compatibility normalization must not turn a character of the host into a delimiter.
fn stays_a_netloc(netloc: &str) -> bool {
    if netloc.is_ascii() {
        return true;
    }
    let bare = netloc.replace(['@', ':', '#', '?'], "");
    let folded: String = bare.nfkc().collect();
    folded == bare || !folded.contains(['/', '?', '#', '@', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_as_python_finds_them() {
        for (text, scheme, netloc) in [
            ("https://a.example/x?y#z", "https", "a.example"),
            (" HTTPS://A.example:1", "https", "A.example:1"),
            ("https://user@[::1]:80/", "https", "user@[::1]:80"),
            ("https://[v1.x]", "https", "[v1.x]"),
            ("https://[fe80::1%eth0]", "https", "[fe80::1%eth0]"),
            ("//host/x", "", "host"),
            ("https:host", "https", ""),
            ("1x://host", "", ""),
            ("ht\ttp://host\n", "http", "host"),
            ("", "", ""),
        ] {
            let url = SplitUrl::parse(text).unwrap();
            assert_eq!((url.scheme.as_str(), url.netloc.as_str()), (scheme, netloc), "{text:?}");
        }
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for text in [
            "https://[",
            "https://]",
            "https://[::1",
            "https://[1.2.3.4]",
            "https://[::1]x",
            "https://x[::1]",
            "https://[::1%]",
            "https://[v.x]",
            "https://a\u{2100}b",
            "https://a\u{ff0f}b",
        ] {
            assert_eq!(SplitUrl::parse(text), None, "{text:?}");
        }
        assert!(SplitUrl::parse("https://b\u{fc}cher.example").is_some());
    }

    #[test]
    fn empty_queries_and_fragments_vanish() {
        let text = |text| SplitUrl::parse(text).unwrap().to_text();
        assert_eq!(text("HTTPS://a/b?#"), "https://a/b");
        assert_eq!(text("https://a?b=c#d#e?f"), "https://a?b=c#d#e?f");
        assert_eq!(text("https://user@a/b#?"), "https://user@a/b#?");
    }
}
