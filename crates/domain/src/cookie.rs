//! Cookies, written and read as Django does it with Python's `http.cookies`.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use chrono::{DateTime, TimeDelta, Utc};

/// The `SameSite` attribute of a cookie (RFC 6265bis section 4.1.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Sent with requests of the same site, and with top-level navigations from others.
    Lax,
    /// Sent with requests of the same site only.
    Strict,
    /// Sent with every request; browsers demand Secure with it.
    None,
}

impl SameSite {
    /// The value of the attribute.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "Lax",
            Self::Strict => "Strict",
            Self::None => "None",
        }
    }
}

/// One `Set-Cookie` header, built step by step. Its value is a secret: only
/// [`Display`](fmt::Display) writes it, `Debug` does not.
#[derive(Clone)]
pub struct Cookie {
    name: String,
    value: String,
    domain: Option<String>,
    expires: Option<DateTime<Utc>>,
    http_only: bool,
    max_age: Option<i64>,
    path: Option<String>,
    same_site: Option<SameSite>,
    secure: bool,
}

impl Cookie {
    /// A cookie that ends with the browser session, without attributes.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            domain: None,
            expires: None,
            http_only: false,
            max_age: None,
            path: None,
            same_site: None,
            secure: false,
        }
    }

    /// Deletes a cookie of this name in the browser: empty value, epoch, `Max-Age=0`, and `Secure`
    /// where the name's prefix demands it. Domain, path and `SameSite` must be those the cookie was
    /// set with.
    pub fn deletion(name: impl Into<String>) -> Self {
        let cookie = Self::new(name, "");
        let secure = cookie.name.starts_with("__Secure-") || cookie.name.starts_with("__Host-");
        Self { expires: Some(DateTime::UNIX_EPOCH), max_age: Some(0), secure, ..cookie }
    }

    /// Lasts `seconds` from `now`, said twice: as `Max-Age` and as `expires`.
    #[must_use]
    pub fn lasting(mut self, seconds: i64, now: DateTime<Utc>) -> Self {
        self.max_age = Some(seconds);
        self.expires =
            TimeDelta::try_seconds(seconds).and_then(|life| now.checked_add_signed(life));
        self
    }

    /// Sent to this domain and its sub-domains; without, to the setting host only.
    #[must_use]
    pub fn domain(mut self, domain: Option<&str>) -> Self {
        self.domain = domain.map(str::to_owned);
        self
    }

    /// Sent for this path and what lies below it.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Sent from other sites only as this says; `None` leaves it to the browser.
    #[must_use]
    pub fn same_site(mut self, same_site: Option<SameSite>) -> Self {
        self.same_site = same_site;
        self
    }

    /// Hidden from scripts.
    #[must_use]
    pub fn http_only(mut self) -> Self {
        self.http_only = true;
        self
    }

    /// Sent over TLS only.
    #[must_use]
    pub fn secure(mut self) -> Self {
        self.secure = true;
        self
    }

    /// The cookie's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Cookie {
    /// The text of the `Set-Cookie` header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, quote(&self.value))?;
        if let Some(domain) = &self.domain {
            write!(f, "; Domain={domain}")?;
        }
        if let Some(expires) = self.expires {
            write!(f, "; expires={}", expires.format("%a, %d %b %Y %H:%M:%S GMT"))?;
        }
        if self.http_only {
            f.write_str("; HttpOnly")?;
        }
        if let Some(max_age) = self.max_age {
            write!(f, "; Max-Age={max_age}")?;
        }
        if let Some(path) = &self.path {
            write!(f, "; Path={path}")?;
        }
        if let Some(same_site) = self.same_site {
            write!(f, "; SameSite={}", same_site.as_str())?;
        }
        if self.secure { f.write_str("; Secure") } else { Ok(()) }
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cookie({}=..)", self.name)
    }
}

/// How the settings want one cookie: `SESSION_COOKIE_*`, `CSRF_COOKIE_*`, `JWT_AUTH_*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieRules {
    /// Its name.
    pub name: String,
    /// The domain it is sent to; `None`: the setting host only.
    pub domain: Option<String>,
    /// The path it is sent for.
    pub path: String,
    /// Which requests from other sites carry it; `None`: not said.
    pub same_site: Option<SameSite>,
    /// Whether it is sent over TLS only.
    pub secure: bool,
    /// Whether scripts cannot read it.
    pub http_only: bool,
}

impl CookieRules {
    /// A cookie that lasts `age` seconds from `now`, or without `age` until the browser closes.
    pub fn set(&self, value: impl Into<String>, age: Option<i64>, now: DateTime<Utc>) -> Cookie {
        let mut cookie = self.placed(Cookie::new(&self.name, value));
        cookie.http_only = self.http_only;
        cookie.secure = self.secure;
        match age {
            Some(age) => cookie.lasting(age, now),
            None => cookie,
        }
    }

    /// The deletion of this cookie. It is never `HttpOnly`, and `Secure` only where a browser
    /// would refuse it otherwise, as in Django.
    #[must_use]
    pub fn delete(&self) -> Cookie {
        let cookie = self.placed(Cookie::deletion(&self.name));
        if self.same_site == Some(SameSite::None) { cookie.secure() } else { cookie }
    }

    fn placed(&self, cookie: Cookie) -> Cookie {
        cookie.domain(self.domain.as_deref()).path(&self.path).same_site(self.same_site)
    }
}

/// The value of one cookie in a `Cookie` header: the last one of that name.
pub fn find<'a>(header: &'a str, name: &str) -> Option<Cow<'a, str>> {
    header.rsplit(';').map(pair).find(|pair| pair.0 == name).map(|pair| unquote(pair.1))
}

fn pair(chunk: &str) -> (&str, &str) {
    let (name, value) = chunk.split_once('=').unwrap_or(("", chunk));
    (name.trim(), value.trim())
}

/// Quotes a value that is empty or holds more than token characters. Controls, `,`, `;` and
/// bytes above ASCII become octal escapes, so that no value can end the header.
fn quote(value: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:".contains(&b);
    if !value.is_empty() && value.bytes().all(is_plain) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for byte in value.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            byte if is_plain(byte) || b" ()/<=>?@[]{}".contains(&byte) => {
                out.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            byte => drop(write!(out, "\\{byte:03o}")),
        }
    }
    out.push('"');
    Cow::Owned(out)
}

/// Undoes [`quote`]; what is not in quotes is left alone.
fn unquote(value: &str) -> Cow<'_, str> {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else {
        return Cow::Borrowed(value);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner.as_bytes();
    while let [first, after @ ..] = rest {
        match (first, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            (b'\\', [escaped, after @ ..]) => {
                out.push(*escaped);
                rest = after;
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_can_end_the_header_or_add_an_attribute() {
        let header = Cookie::new("a", "x; Path=/\r\nSet-Cookie: b=c").to_string();
        assert_eq!(header, "a=\"x\\073 Path=/\\015\\012Set-Cookie: b=c\"");
    }

    #[test]
    fn what_is_quoted_reads_back() {
        for value in
            ["", "plain", "a b", "\"\\", "x;y,z", "\u{e9}\u{1f600}", "\u{0}\u{7f}", "\\101"]
        {
            assert_eq!(unquote(&quote(value)), value);
        }
    }

    #[test]
    fn the_last_of_several_cookies_counts() {
        let header = "a=1; b = \"two words\" ;; lonely; a=3;=x";
        assert_eq!(find(header, "a").as_deref(), Some("3"));
        assert_eq!(find(header, "b").as_deref(), Some("two words"));
        assert_eq!(find(header, "c"), None);
    }

    #[test]
    fn odd_quotes_are_left_alone() {
        for (raw, value) in [("\"", "\""), ("\"\"", ""), ("\"a", "\"a"), ("\"\\\"", "\\")] {
            assert_eq!(find(&format!("a={raw}"), "a").as_deref(), Some(value));
        }
    }

    #[test]
    fn prefixed_names_are_deleted_securely() {
        assert!(Cookie::deletion("__Host-sid").to_string().ends_with("; Max-Age=0; Secure"));
        assert!(!Cookie::deletion("sid").to_string().contains("Secure"));
    }

    #[test]
    fn values_do_not_print() {
        assert_eq!(format!("{:?}", Cookie::new("sid", "secret")), "Cookie(sid=..)");
    }

    #[test]
    fn absurd_lifetimes_do_not_overflow() {
        let cookie = Cookie::new("a", "b").lasting(i64::MAX, DateTime::UNIX_EPOCH);
        assert_eq!(cookie.to_string(), format!("a=b; Max-Age={}", i64::MAX));
    }
}
