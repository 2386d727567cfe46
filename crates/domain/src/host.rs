//! Finds the host of a request, and whether it came over TLS.

use std::borrow::Cow;

use thiserror::Error;

/// Host names that the server answers to (`ALLOWED_HOSTS`), parsed once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Any,
    Exact(String),
    /// The domain without its leading dot, and everything below it.
    Domain(String),
}

impl AllowedHosts {
    /// Takes patterns as Django writes them: a name, `.example.com` for a domain and all below it,
    /// `*` for every host.
    pub fn new<T: AsRef<str>>(patterns: impl IntoIterator<Item = T>) -> Self {
        let pattern = |text: T| match text.as_ref().to_lowercase() {
            any if any == "*" => Pattern::Any,
            name => match name.strip_prefix('.') {
                Some(domain) => Pattern::Domain(domain.to_owned()),
                None => Pattern::Exact(name),
            },
        };
        Self(patterns.into_iter().map(pattern).collect())
    }

    /// The hosts of Django in debug mode without `ALLOWED_HOSTS`: this machine.
    #[must_use]
    pub fn local() -> Self {
        Self::new([".localhost", "127.0.0.1", "[::1]"])
    }

    /// Whether the host of a `host[:port]` is well formed and allowed. Case and one trailing dot
    /// do not matter.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        let Some(name) = host_name(&host) else { return false };
        self.0.iter().any(|pattern| match pattern {
            Pattern::Any => true,
            Pattern::Exact(exact) => name == exact,
            Pattern::Domain(domain) => name
                .strip_suffix(domain.as_str())
                .is_some_and(|above| above.is_empty() || above.ends_with('.')),
        })
    }
}

/// The name in a lower-case `host[:port]`, without a trailing dot, unless it is malformed.
fn host_name(host: &str) -> Option<&str> {
    let port_at = match host.strip_prefix('[') {
        Some(_) => host.find(']')? + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at_checked(port_at)?;
    let port_fits = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()));
    let name_fits = match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(literal) => is_ipv6_shaped(literal),
        None => name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-')),
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    (port_fits && name_fits && !name.is_empty()).then_some(name)
}

fn is_ipv6_shaped(literal: &str) -> bool {
    literal.split_once(':').is_some_and(|(first, rest)| {
        !rest.is_empty()
            && first.bytes().all(is_lower_hex)
            && rest.bytes().all(|b| is_lower_hex(b) || matches!(b, b':' | b'.'))
    })
}

const fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'a'..=b'f' | b'0'..=b'9')
}

/// The header by which a proxy says that the client used TLS (`SECURE_PROXY_SSL_HEADER`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxySslHeader {
    /// The name of the header in lower case, such as `x-forwarded-proto`.
    pub name: String,
    /// The value that means TLS, such as `https`.
    pub value: String,
}

impl ProxySslHeader {
    /// Takes Django's spelling of the name, `HTTP_X_FORWARDED_PROTO`, or the header's own.
    #[must_use]
    pub fn new(name: &str, value: &str) -> Self {
        let name = name.strip_prefix("HTTP_").unwrap_or(name);
        Self { name: name.replace('_', "-").to_ascii_lowercase(), value: value.to_owned() }
    }
}

/// How a server learns the host and the scheme of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostRules {
    /// The hosts it answers to.
    pub allowed: AllowedHosts,
    /// Whether `X-Forwarded-Host` replaces `Host`. Only behind a proxy that sets it.
    pub use_forwarded_host: bool,
    /// Whether `X-Forwarded-Port` replaces the server's port. Only behind a proxy that sets it.
    pub use_forwarded_port: bool,
    /// The header by which a proxy says that the client used TLS. Only for a proxy that sets or
    /// removes it.
    pub proxy_ssl_header: Option<ProxySslHeader>,
}

/// The headers of a request that name its host.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostHeaders<'a> {
    /// `Host`.
    pub host: Option<&'a str>,
    /// `X-Forwarded-Host`.
    pub forwarded_host: Option<&'a str>,
    /// `X-Forwarded-Port`.
    pub forwarded_port: Option<&'a str>,
    /// The header that [`HostRules::proxy_ssl_header`] names.
    pub proxy_ssl: Option<&'a str>,
}

/// The listener's side of a connection.
#[derive(Clone, Copy, Debug)]
pub struct ListenerSide<'a> {
    /// Whether the connection itself is TLS.
    pub tls: bool,
    /// The name under which the server runs, for requests without `Host`.
    pub name: &'a str,
    /// The port on which it listens.
    pub port: u16,
}

/// The scheme of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlScheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

impl UrlScheme {
    /// `http` or `https`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Whether cookies and links may count on TLS.
    #[must_use]
    pub const fn is_secure(self) -> bool {
        matches!(self, Self::Https)
    }
}

/// A request for a host that the server does not answer to, or with a malformed one (Django's
/// `DisallowedHost`).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("host not allowed: {0:?}")]
pub struct DisallowedHost(pub String);

/// The scheme and host of a request: the front of every absolute address in mails and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The scheme.
    pub scheme: UrlScheme,
    /// The host as the client sent it, with its port if it sent one.
    pub host: String,
}

impl HostRules {
    /// Whether the client used TLS. The proxy's header decides alone if it is configured and sent.
    #[must_use]
    pub fn scheme(&self, headers: &HostHeaders<'_>, listener: &ListenerSide<'_>) -> UrlScheme {
        let said = self.proxy_ssl_header.as_ref().zip(headers.proxy_ssl);
        let secure = said.map_or(listener.tls, |(header, value)| {
            value.split(',').next().unwrap_or_default().trim() == header.value
        });
        if secure { UrlScheme::Https } else { UrlScheme::Http }
    }

    /// The origin of a request.
    ///
    /// # Errors
    /// When the host is not one of the server's, and so must appear in no mail and no redirect.
    pub fn origin(
        &self,
        headers: &HostHeaders<'_>,
        listener: &ListenerSide<'_>,
    ) -> Result<Origin, DisallowedHost> {
        let scheme = self.scheme(headers, listener);
        let forwarded = headers.forwarded_host.filter(|_| self.use_forwarded_host);
        let host = match forwarded.or(headers.host) {
            Some(host) => host.to_owned(),
            None => self.host_of_listener(scheme, headers, listener),
        };
        if self.allowed.allows(&host) {
            Ok(Origin { scheme, host })
        } else {
            Err(DisallowedHost(host))
        }
    }

    fn host_of_listener(
        &self,
        scheme: UrlScheme,
        headers: &HostHeaders<'_>,
        listener: &ListenerSide<'_>,
    ) -> String {
        let port = headers
            .forwarded_port
            .filter(|_| self.use_forwarded_port)
            .map_or_else(|| Cow::Owned(listener.port.to_string()), Cow::Borrowed);
        let usual = if scheme.is_secure() { "443" } else { "80" };
        if port == usual { listener.name.to_owned() } else { format!("{}:{port}", listener.name) }
    }
}

impl Origin {
    /// The address of a path on this origin; the path begins with `/` and is ASCII.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme.as_str(), self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_malformed_hosts_even_if_all_are_allowed() {
        let all = AllowedHosts::new(["*"]);
        for host in [
            "",
            ".",
            ":80",
            "a b",
            "a:",
            "a:8x",
            "a:80:80",
            "[::1",
            "[::1]x",
            "[abc]",
            "[:]",
            "a\r\nb",
            "user@a",
            "é.example",
            "a/b",
            "[g::]",
            "][",
        ] {
            assert!(!all.allows(host), "{host:?}");
        }
        for host in ["a", "A.b", "a.:80", "[::1]:80", "127.0.0.1", "[::ffff:1.2.3.4]"] {
            assert!(all.allows(host), "{host:?}");
        }
        assert!(!AllowedHosts::default().allows("example.com"));
    }

    #[test]
    fn allows_a_domain_and_what_is_below_it() {
        let hosts = AllowedHosts::new([".Wild.example.com", "api.example.com"]);
        for host in ["wild.example.com", "a.b.wild.example.com:1", "API.example.COM:8443"] {
            assert!(hosts.allows(host), "{host}");
        }
        for host in ["evilwild.example.com", "api.example.com.evil.net", "a.api.example.com"] {
            assert!(!hosts.allows(host), "{host}");
        }
        assert!(AllowedHosts::local().allows("app.localhost:8000"));
    }
}
