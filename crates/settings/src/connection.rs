//! Addresses of databases and caches, which may hold a password.

use std::fmt;

use serde_json::{Value, json};

use super::secret::{MASK, Secret};
use super::value::{SettingValue, ValueError};

/// A URL such as `postgres://user:password@host/name`. Printing masks the password.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionUrl(Secret);

impl ConnectionUrl {
    /// Takes a URL as it stands.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self(Secret::new(url))
    }

    /// The whole URL, password included, for the driver.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The part before `:`, such as `sqlite` or `postgres`; empty if there is none.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.expose().split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// The URL with the password, and every value of its query string, masked.
    #[must_use]
    pub fn masked(&self) -> String {
        let url = self.expose();
        let (address, query) = url.split_once('?').map_or((url, None), |(a, q)| (a, Some(q)));
        let mut out = mask_password(address);
        for (position, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
            out.push(if position == 0 { '?' } else { '&' });
            match pair.split_once('=') {
                Some((name, _)) if name.contains("pass") || name.contains("key") => {
                    out.push_str(name);
                    out.push('=');
                    out.push_str(MASK);
                }
                _ => out.push_str(pair),
            }
        }
        out
    }
}

/// The last `@` ends the password: people forget to encode one inside it.
fn mask_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    match rest.rsplit_once('@').map(|(login, host)| (login.split_once(':'), host)) {
        Some((Some((user, _)), host)) => format!("{scheme}://{user}:{MASK}@{host}"),
        _ => address.to_owned(),
    }
}

impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionUrl({})", self.masked())
    }
}

impl SettingValue for ConnectionUrl {
    fn type_name() -> String {
        "URL".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        let url = value.as_str().ok_or_else(|| ValueError::expected("a URL", value))?;
        if url.split_once(':').is_none_or(|(scheme, _)| scheme.is_empty()) {
            return Err(ValueError::new("must be a URL, such as \"sqlite://rest-auth.sqlite3\""));
        }
        Ok(Self::new(url))
    }

    fn show(&self) -> Value {
        Value::String(self.masked())
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^[a-z0-9+]+:"})
    }

    fn is_secret() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_masked_and_the_rest_is_not() {
        for (url, masked) in [
            ("postgres://ada:p:w@d@db/auth", "postgres://ada:********@db/auth"),
            ("mysql://ada@db/auth", "mysql://ada@db/auth"),
            ("sqlite://rest-auth.sqlite3?mode=rwc", "sqlite://rest-auth.sqlite3?mode=rwc"),
            ("postgres://db/auth?user=a&password=x", "postgres://db/auth?user=a&password=********"),
            ("sqlite::memory:", "sqlite::memory:"),
        ] {
            assert_eq!(ConnectionUrl::new(url).masked(), masked);
        }
    }

    #[test]
    fn knows_its_scheme() {
        assert_eq!(ConnectionUrl::new("sqlite::memory:").scheme(), "sqlite");
        assert!(ConnectionUrl::parse(&json!("rest-auth.sqlite3")).is_err());
    }
}
