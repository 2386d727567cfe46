//! The cookies that a client keeps between requests.

use chrono::{DateTime, TimeDelta, Utc};

use super::cookie::SetCookie;

/// A cookie jar that honours path, expiry and deletion. It ignores domains and `Secure`: there is
/// one host, and no TLS.
#[derive(Debug, Default)]
pub(crate) struct Jar {
    cookies: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    name: String,
    path: String,
    value: String,
    expiry: Option<DateTime<Utc>>,
}

impl Jar {
    /// Keeps, replaces or forgets a cookie, as the answer wants.
    pub(crate) fn store(&mut self, cookie: &SetCookie, now: DateTime<Utc>) {
        let path = cookie.path.as_deref().filter(|path| !path.is_empty()).unwrap_or("/");
        let known = self.cookies.iter().position(|k| k.name == cookie.name && k.path == path);
        if cookie.deleted {
            known.map(|index| self.cookies.remove(index));
            return;
        }
        let lifetime = cookie.max_age.or(cookie.expires_delta).and_then(TimeDelta::try_seconds);
        let kept = Kept {
            name: cookie.name.clone(),
            path: path.to_owned(),
            value: cookie.value.clone(),
            expiry: lifetime.and_then(|lifetime| now.checked_add_signed(lifetime)),
        };
        match known.and_then(|index| self.cookies.get_mut(index)) {
            Some(place) => *place = kept,
            None => self.cookies.push(kept),
        }
    }

    /// The cookies to send with a request, name and value. Of cookies with one name the one with
    /// the longest path is sent.
    pub(crate) fn for_path(&self, target: &str, now: DateTime<Utc>) -> Vec<(String, String)> {
        let path = target.split('?').next().unwrap_or_default();
        let mut fitting: Vec<&Kept> = self
            .cookies
            .iter()
            .filter(|kept| kept.expiry.is_none_or(|expiry| expiry > now))
            .filter(|kept| path_fits(&kept.path, path))
            .collect();
        fitting.sort_by_key(|kept| kept.path.len());
        let mut out: Vec<(String, String)> = Vec::new();
        for kept in fitting {
            match out.iter_mut().find(|(name, _)| *name == kept.name) {
                Some((_, value)) => value.clone_from(&kept.value),
                None => out.push((kept.name.clone(), kept.value.clone())),
            }
        }
        out
    }
}

/// RFC 6265 section 5.1.4.
fn path_fits(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(timestamp: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(timestamp, 0).unwrap()
    }

    fn jar(headers: &[&str]) -> Jar {
        let mut jar = Jar::default();
        for header in headers {
            jar.store(&SetCookie::parse(header, at(1000)).unwrap(), at(1000));
        }
        jar
    }

    fn sent(jar: &Jar, target: &str, timestamp: i64) -> String {
        let cookies = jar.for_path(target, at(timestamp));
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    #[test]
    fn replaces_and_forgets() {
        assert_eq!(sent(&jar(&["a=1", "b=2", "a=3"]), "/", 1000), "a=3; b=2");
        assert_eq!(sent(&jar(&["a=1", "b=2", "a=; Max-Age=0"]), "/", 1000), "b=2");
        assert_eq!(sent(&jar(&["a=1; Path=/x", "a=; Max-Age=0"]), "/x", 1000), "a=1");
    }

    #[test]
    fn forgets_what_has_expired() {
        let jar = jar(&["a=1; Max-Age=5", "b=2; Expires=Thu, 01 Jan 1970 00:16:50 GMT", "c=3"]);
        assert_eq!(sent(&jar, "/", 1004), "a=1; b=2; c=3");
        assert_eq!(sent(&jar, "/", 1005), "b=2; c=3");
        assert_eq!(sent(&jar, "/", 1010), "c=3");
    }

    #[test]
    fn honours_paths() {
        let jar = jar(&["a=1; Path=/x/y", "a=2; Path=/x", "b=3; Path=/"]);
        assert_eq!(sent(&jar, "/x/y/z?q=/", 1000), "b=3; a=1");
        assert_eq!(sent(&jar, "/x?/x/y", 1000), "b=3; a=2");
        assert_eq!(sent(&jar, "/xy", 1000), "b=3");
    }
}
