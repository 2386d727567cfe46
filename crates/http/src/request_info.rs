//! Facts from the head of a request. The middleware finds them once and stores them in the
//! extensions of the request.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::header::{ACCEPT_LANGUAGE, AsHeaderName, COOKIE, HOST, USER_AGENT};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Version};
use rest_auth_domain::cookie;
use rest_auth_domain::host::{HostHeaders, ListenerSide, Origin, UrlScheme};
use rest_auth_domain::language::Language;
use rest_auth_flows::client::Client;
use rest_auth_flows::counted::Counted;

use crate::api::Api;

/// How many characters of a User-Agent are kept.
const USER_AGENT_LENGTH: usize = 200;

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");

/// Marks a request that came over TLS. The listener that terminates TLS sets it.
#[derive(Clone, Copy, Debug)]
pub struct OverTls;

/// Facts from the head of a request.
#[derive(Clone)]
pub(crate) struct RequestInfo {
    /// Scheme and host that the request was sent to.
    pub(crate) origin: Origin,
    /// The language of the answer.
    pub(crate) language: Language,
    /// The address at the other end of the connection; `None` where there is no socket.
    pub(crate) peer: Option<IpAddr>,
    /// The device that sent it.
    pub(crate) client: Client,
    /// The path at which an application has nested the API. `None` in a server of its own, and in
    /// front of a handler of the application, which shows no path of the API.
    pub(crate) nest: Option<String>,
}

impl RequestInfo {
    /// What the middleware found. In front of a handler of another application no middleware has
    /// run, so it is found here.
    pub(crate) fn of(api: &Api, head: &mut Head) -> Self {
        head.extensions.remove().unwrap_or_else(|| Self::find(api, head, None))
    }

    /// Finds all facts in the head. `id` is the request id in the log.
    pub(crate) fn find(api: &Api, head: &Head, id: Option<&str>) -> Self {
        let peer = head.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let user_agent = text(&head.headers, USER_AGENT).unwrap_or_default();
        Self {
            origin: origin_of(api, head),
            language: language_of(api, &head.headers).clone(),
            peer,
            client: Client {
                address: api.proxies().client(peer, &head.headers),
                user_agent: user_agent.chars().take(USER_AGENT_LENGTH).collect(),
                request_id: id.map(str::to_owned),
                counted: Counted::default(),
            },
            nest: None,
        }
    }
}

/// The bytes of a header. Several lines of one name are one list (RFC 9110, section 5.3), joined as
/// WSGI servers join them: what one line may not say, several may not say either.
pub(crate) fn bytes(headers: &HeaderMap, name: impl AsHeaderName) -> Option<Cow<'_, [u8]>> {
    let mut lines = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let first = lines.next()?;
    Some(
        lines.fold(Cow::Borrowed(first), |joined, line| {
            Cow::Owned([joined.as_ref(), line].join(&b','))
        }),
    )
}

/// A header as text; bytes that are not ASCII are taken for latin-1, as WSGI does.
pub(crate) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<Cow<'_, str>> {
    let latin_1 = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect();
    Some(match bytes(headers, name)? {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Cow::Borrowed(text),
            _ => Cow::Owned(latin_1(bytes)),
        },
        Cow::Owned(bytes) => Cow::Owned(latin_1(&bytes)),
    })
}

/// A cookie. If several have this name, the last one counts. Bytes that are not UTF-8 are replaced,
/// as in Django: they spoil the cookie in which they are, and no other.
pub(crate) fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let found = |line: &HeaderValue| {
        cookie::find(&String::from_utf8_lossy(line.as_bytes()), name).map(Cow::into_owned)
    };
    headers.get_all(COOKIE).iter().filter_map(found).next_back()
}

/// Whether the request is for a host that this server answers for. A host that cannot be read is
/// none of them.
pub(crate) fn host_is_allowed(api: &Api, head: &Head) -> bool {
    if contradicts_itself(head) {
        return false;
    }
    // HTTP/1.0 needs no `Host` header. Links are then not made from it.
    named_host(api, head).is_none_or(|host| api.hosts().allowed.allows(&host))
}

/// The host that a request names.
pub(crate) fn named_host<'h>(api: &Api, head: &'h Head) -> Option<Cow<'h, str>> {
    let forwarded = text(&head.headers, X_FORWARDED_HOST);
    forwarded.filter(|_| api.hosts().use_forwarded_host).or_else(|| host(head))
}

fn language_of<'s>(api: &'s Api, headers: &HeaderMap) -> &'s Language {
    let cookie = if api.negotiates_language() {
        cookie_of(headers, &api.auth().settings().i18n.language_cookie_name)
    } else {
        None
    };
    api.language(cookie.as_deref(), text(headers, ACCEPT_LANGUAGE).as_deref())
}

/// Scheme and host that the request was sent to. The middleware refuses hosts that are not allowed.
/// In front of a handler of another application the host is used as sent.
fn origin_of(api: &Api, head: &Head) -> Origin {
    let (sent, rules) = (&head.headers, api.hosts());
    let host = host(head);
    let forwarded_host = text(sent, X_FORWARDED_HOST);
    let forwarded_port = text(sent, X_FORWARDED_PORT);
    let proxy_ssl = rules.proxy_ssl_header.as_ref().and_then(|header| text(sent, &*header.name));
    let headers = HostHeaders {
        host: host.as_deref(),
        forwarded_host: forwarded_host.as_deref(),
        forwarded_port: forwarded_port.as_deref(),
        proxy_ssl: proxy_ssl.as_deref(),
    };
    let tls = head.extensions.get::<OverTls>().is_some();
    let listener = ListenerSide { tls, name: "localhost", port: if tls { 443 } else { 80 } };
    rules.origin(&headers, &listener).unwrap_or_else(|refused| Origin {
        scheme: if tls { UrlScheme::Https } else { UrlScheme::Http },
        host: refused.0,
    })
}

/// Whether a request over HTTP/2 is for one host in its target and for another in its header (RFC
/// 9113, section 8.3.1). What stands before this server may have looked at the other one.
fn contradicts_itself(head: &Head) -> bool {
    head.version == Version::HTTP_2
        && match (text(&head.headers, HOST), head.uri.authority()) {
            (Some(host), Some(authority)) => !host.eq_ignore_ascii_case(authority.as_str()),
            _ => false,
        }
}

/// HTTP/1 says the host in a header, HTTP/2 in the target.
fn host(head: &Head) -> Option<Cow<'_, str>> {
    text(&head.headers, HOST)
        .or_else(|| head.uri.authority().map(|authority| Cow::Borrowed(authority.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::TestSettings;
    use rest_auth_settings::Profile;

    #[tokio::test]
    async fn a_request_for_two_hosts_is_for_none() {
        let app = TestSettings::of(Profile::Strict).start().await;
        let allowed = |version: Version, target: &str, hosts: &[&[u8]]| {
            let mut request = axum::http::Request::builder().version(version).uri(target);
            for host in hosts {
                request = request.header(HOST, *host);
            }
            host_is_allowed(&app.api, &request.body(()).unwrap().into_parts().0)
        };
        let (one, two) = (Version::HTTP_11, Version::HTTP_2);
        assert!(allowed(one, "/", &[b"localhost"]));
        assert!(!allowed(one, "/", &[b"localhost", b"localhost"]));
        assert!(!allowed(one, "/", &[b"caf\xe9.example"]));
        assert!(allowed(two, "http://localhost/", &[]));
        assert!(allowed(two, "http://localhost/", &[b"LOCALHOST"]));
        assert!(!allowed(two, "http://localhost/", &[b"evil.example"]));
    }

    #[test]
    fn what_cannot_be_read_of_a_cookie_header_does_not_hide_the_rest() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_bytes(b"a=1; shop=\xff; b=caf\xc3\xa9").unwrap());
        headers.append(COOKIE, HeaderValue::from_bytes(b"\xff\xfe").unwrap());
        assert_eq!(cookie_of(&headers, "a").as_deref(), Some("1"));
        assert_eq!(cookie_of(&headers, "b").as_deref(), Some("café"));
        assert_eq!(cookie_of(&headers, "shop").as_deref(), Some("\u{fffd}"));
    }
}
