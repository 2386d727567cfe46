//! Facts from the head of a request. The middleware finds them once and stores them in the
//! extensions of the request.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, HOST, USER_AGENT};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName};
use rest_auth_domain::cookie;
use rest_auth_domain::host::{HostHeaders, Listener, Origin, Scheme};
use rest_auth_domain::language::Language;
use rest_auth_flows::client::Client;

use crate::api::Api;

/// How many characters of a User-Agent are kept.
const USER_AGENT_LENGTH: usize = 200;

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
        let user_agent = text(&head.headers, &USER_AGENT).unwrap_or_default();
        Self {
            origin: origin_of(api, head),
            language: language_of(api, &head.headers).clone(),
            peer,
            client: Client {
                address: api.proxies().client(peer, &head.headers),
                user_agent: user_agent.chars().take(USER_AGENT_LENGTH).collect(),
                request_id: id.map(str::to_owned),
            },
        }
    }
}

/// A header as text; bytes that are not ASCII are taken for latin-1, as WSGI does.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, str>> {
    let value = headers.get(name)?;
    Some(match value.to_str() {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().copied().map(char::from).collect()),
    })
}

/// A cookie. If several have this name, the last one counts.
pub(crate) fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| cookie::find(std::str::from_utf8(value.as_bytes()).ok()?, name))
        .next_back()
        .map(Cow::into_owned)
}

/// Whether the request is for a host that this server answers for.
pub(crate) fn host_is_allowed(api: &Api, head: &Head) -> bool {
    let forwarded = str_of(head, "x-forwarded-host").filter(|_| api.hosts().use_forwarded_host);
    match forwarded.or(host(head)) {
        Some(host) => api.hosts().allowed.allows(host),
        // HTTP/1.0 needs no `Host` header. Links are then not made from it.
        None => true,
    }
}

fn language_of<'s>(api: &'s Api, headers: &HeaderMap) -> &'s Language {
    let cookie = if api.negotiates_language() {
        cookie_of(headers, &api.auth().settings().i18n.language_cookie_name)
    } else {
        None
    };
    api.language(cookie.as_deref(), text(headers, &ACCEPT_LANGUAGE).as_deref())
}

/// Scheme and host that the request was sent to. The middleware refuses hosts that are not allowed.
/// In front of a handler of another application the host is used as sent.
fn origin_of(api: &Api, head: &Head) -> Origin {
    let headers = HostHeaders {
        host: host(head),
        forwarded_host: str_of(head, "x-forwarded-host"),
        forwarded_port: str_of(head, "x-forwarded-port"),
        proxy_ssl: api.hosts().proxy_ssl_header.as_ref().and_then(|h| str_of(head, &h.name)),
    };
    let tls = head.extensions.get::<OverTls>().is_some();
    let listener = Listener { tls, name: "localhost", port: if tls { 443 } else { 80 } };
    api.hosts().origin(&headers, &listener).unwrap_or_else(|refused| Origin {
        scheme: if tls { Scheme::Https } else { Scheme::Http },
        host: refused.0,
    })
}

/// HTTP/1 says the host in a header, HTTP/2 in the target.
fn host(head: &Head) -> Option<&str> {
    str_of(head, HOST.as_str())
        .or_else(|| head.uri.authority().map(axum::http::uri::Authority::as_str))
}

fn str_of<'h>(head: &'h Head, name: &str) -> Option<&'h str> {
    head.headers.get(name)?.to_str().ok()
}
