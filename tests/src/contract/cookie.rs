//! Cookies that an answer sets (RFC 6265 section 4.1), as the recordings describe them.

use chrono::{DateTime, Utc};

/// One `Set-Cookie` header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Seconds.
    pub(crate) max_age: Option<i64>,
    /// Seconds from the answer to `Expires`; absent for a cookie that is deleted by it.
    pub(crate) expires_delta: Option<i64>,
    pub(crate) path: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) secure: bool,
    pub(crate) httponly: bool,
    pub(crate) samesite: Option<String>,
    /// Whether the browser forgets the cookie: Max-Age is 0, or Expires is the epoch.
    pub(crate) deleted: bool,
}

impl SetCookie {
    /// Reads a header. Attributes without a meaning here are passed over, ones that are not
    /// readable are an error.
    pub(crate) fn parse(header: &str, now: DateTime<Utc>) -> Result<Self, String> {
        let mut parts = header.split(';');
        let pair = parts.next().unwrap_or_default().trim();
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        let value = quoted.unwrap_or(value).to_owned();
        let mut cookie = Self { name: name.to_owned(), value, ..Self::default() };
        for part in parts {
            let (key, value) = part.trim().split_once('=').unwrap_or((part.trim(), ""));
            cookie
                .attribute(&key.to_ascii_lowercase(), value, now)
                .ok_or_else(|| format!("set-cookie {name}: cannot read {key}={value}"))?;
        }
        cookie.deleted |= cookie.max_age == Some(0);
        Ok(cookie)
    }

    fn attribute(&mut self, key: &str, value: &str, now: DateTime<Utc>) -> Option<()> {
        match key {
            "max-age" => self.max_age = Some(value.trim().parse().ok()?),
            "expires" => self.expire(http_date(value)?, now),
            "path" => self.path = Some(value.to_owned()),
            "domain" => self.domain = Some(value.to_owned()),
            "samesite" => self.samesite = Some(value.to_owned()),
            "secure" => self.secure = true,
            "httponly" => self.httponly = true,
            _ => {}
        }
        Some(())
    }

    fn expire(&mut self, expires: DateTime<Utc>, now: DateTime<Utc>) {
        if expires == DateTime::UNIX_EPOCH {
            self.deleted = true;
        } else {
            let milliseconds = (expires - now).num_milliseconds();
            self.expires_delta = Some((milliseconds + 500).div_euclid(1000));
        }
    }
}

/// A date of RFC 9110, or of the older form with dashes; the day of the week is not checked.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let (_day, date) = text.split_once(',').unwrap_or(("", text));
    let (date, zone) = date.trim().rsplit_once(' ')?;
    let date = format!("{} {zone}", date.replace('-', " "));
    DateTime::parse_from_rfc2822(&date).ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(header: &str) -> SetCookie {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        SetCookie::parse(header, now).unwrap()
    }

    #[test]
    fn reads_every_attribute() {
        let cookie = parsed(
            "sid=a=b; expires=Tue, 14 Nov 2023 22:23:20 GMT; HttpOnly; Max-Age=600; Path=/x; \
             SameSite=Lax; Secure; Domain=.example.com; Partitioned",
        );
        let want = SetCookie {
            name: "sid".to_owned(),
            value: "a=b".to_owned(),
            max_age: Some(600),
            expires_delta: Some(600),
            path: Some("/x".to_owned()),
            domain: Some(".example.com".to_owned()),
            secure: true,
            httponly: true,
            samesite: Some("Lax".to_owned()),
            deleted: false,
        };
        assert_eq!(cookie, want);
        assert_eq!(parsed("a=b; Expires=Tue, 14-Nov-2023 22:23:20 GMT").expires_delta, Some(600));
    }

    #[test]
    fn sees_both_ways_of_deletion() {
        assert!(parsed("a=\"\"; Max-Age=0").deleted);
        let cookie = parsed("a=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT");
        assert!(cookie.deleted);
        assert_eq!((cookie.value.as_str(), cookie.expires_delta), ("", None));
        assert!(!parsed("a=\"").deleted);
        assert_eq!(parsed("a=\"").value, "\"");
    }

    #[test]
    fn unreadable_attributes_are_errors() {
        for header in ["a=b; Max-Age=soon", "a=b; Expires=tomorrow", "a=b; Max-Age"] {
            assert!(SetCookie::parse(header, DateTime::UNIX_EPOCH).is_err(), "{header}");
        }
    }
}
