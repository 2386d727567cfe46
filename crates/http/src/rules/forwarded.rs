//! Addresses of clients as proxies write them.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The address in an entry of `X-Forwarded-For`, or behind `for=` in `Forwarded` (RFC 7239): alone,
/// in brackets, with a port, in quotation marks.
pub(crate) fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim().trim_matches('"');
    if let Ok(address) = entry.parse() {
        return Some(address);
    }
    if let Ok(socket) = entry.parse::<SocketAddr>() {
        return Some(socket.ip());
    }
    entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Whether an entry says that the address is not told (RFC 7239, section 6).
pub(crate) fn is_hidden(entry: &str) -> bool {
    let entry = entry.trim().trim_matches('"');
    entry.eq_ignore_ascii_case("unknown") || entry.starts_with('_')
}

/// The addresses that proxies have noted, the nearest last: the entries of `X-Forwarded-For` or,
/// where nobody set it, those of `Forwarded`. A proxy that sets neither passes on what a client
/// sent in either.
pub(crate) fn hops(headers: &HeaderMap) -> Vec<&str> {
    let lines = |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
    if headers.contains_key("x-forwarded-for") {
        return lines("x-forwarded-for").flat_map(|line| line.split(',')).map(str::trim).collect();
    }
    lines("forwarded").flat_map(|line| split(line, ',')).map(whose).collect()
}

/// What stands behind `for=` in one element of `Forwarded`; nothing if it is missing.
fn whose(element: &str) -> &str {
    let pairs = split(element, ';').filter_map(|part| part.split_once('='));
    let mut own = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    own.next().map_or("", |(_, value)| value.trim())
}

/// The parts between separators that stand outside of quotation marks.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c: char| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_every_spelling_of_proxies() {
        for (entry, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            (" 192.0.2.1:4711 ", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("\"192.0.2.1:4711\"", "192.0.2.1"),
        ] {
            assert_eq!(address(entry), expected.parse().ok(), "{entry}");
        }
        for entry in
            ["", "unknown", "_secret", "192.0.2", "example.com", "192.0.2.1:port", "[", "[]"]
        {
            assert_eq!(address(entry), None, "{entry}");
        }
    }

    #[test]
    fn forwarded_is_read_where_nobody_set_the_older_header() {
        let mut headers = HeaderMap::new();
        let forwarded = "for=192.0.2.1;proto=https;by=\"a;b\", FOR=\"[2001:db8::1]:80\"";
        headers.append("forwarded", forwarded.parse().unwrap());
        headers.append("forwarded", "proto=http, for=_hidden".parse().unwrap());
        assert_eq!(hops(&headers), ["192.0.2.1", "\"[2001:db8::1]:80\"", "", "_hidden"]);
        headers.append("x-forwarded-for", "198.51.100.1, 198.51.100.2".parse().unwrap());
        headers.append("x-forwarded-for", "198.51.100.3".parse().unwrap());
        assert_eq!(hops(&headers), ["198.51.100.1", "198.51.100.2", "198.51.100.3"]);
    }
}
