//! Requests to providers: no redirects, bounded in time and size, and by default never to an address
//! of a private network, whoever names it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url, redirect};
use rest_auth_domain::one_line::chain;
use serde_json::{Map, Value};
use url::Position::{AfterPort, BeforeHost};

use crate::breakers::Breakers;
use crate::error::SocialError;

/// The most bytes of an answer.
const LARGEST: usize = 1024 * 1024;

/// Sends requests to providers.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Client,
    allows_private: bool,
    breakers: Arc<Breakers>,
}

/// Why no answer came.
enum Failure {
    /// The connection failed or was lost, which may be an accident.
    Connection(String),
    /// The request cannot be written, as with a token that is too long for a URL. The provider was
    /// not asked.
    Unwritable(String),
    /// Another reason, such as the time that it took.
    Other(String),
}

/// A request to a provider.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The answer of a provider.
#[derive(Clone, Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A GET that asks for JSON.
    pub(crate) fn get(url: &str) -> Result<Self, SocialError> {
        let url = Url::parse(url)
            .map_err(|error| SocialError::Unavailable(format!("{url:?} is no URL: {error}")))?;
        let headers =
            HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        Ok(Self { method: Method::GET, url, headers, body: Vec::new() })
    }

    /// The same with a header; one that no request can have is left out.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(mut value)) =
            (HeaderName::try_from(name), HeaderValue::try_from(value))
        {
            value.set_sensitive(name == AUTHORIZATION);
            self.headers.insert(name, value);
        }
        self
    }

    /// The same with a parameter in the query.
    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// The same as a POST without a body.
    pub(crate) fn post(self) -> Self {
        Self { method: Method::POST, ..self }
    }

    /// The same as a POST of a form.
    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let body = form.finish().into_bytes();
        let this = Self { method: Method::POST, body, ..self };
        this.header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")
    }

    /// The same as a POST of JSON.
    pub(crate) fn json(self, document: &Value) -> Self {
        let this = Self { method: Method::POST, body: document.to_string().into_bytes(), ..self };
        this.header(CONTENT_TYPE.as_str(), "application/json")
    }
}

impl HttpResponse {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The document.
    pub(crate) fn document(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The object that the answer is. A form becomes one of texts, as some providers answer to a code;
    /// a page, which may have a `=` as well, does not.
    pub(crate) fn object(&self) -> Option<Map<String, Value>> {
        let starts_with = |start: &[u8]| self.body.trim_ascii_start().starts_with(start);
        match self.document() {
            Some(Value::Object(members)) => Some(members),
            None if self.body.contains(&b'=') && !starts_with(b"{") && !starts_with(b"<") => {
                let pairs = url::form_urlencoded::parse(&self.body);
                Some(pairs.map(|(name, value)| (name.into_owned(), value.into())).collect())
            }
            Some(_) | None => None,
        }
    }
}

impl Http {
    /// A client whose requests end after `timeout`.
    pub(crate) fn new(timeout: Duration, allows_private: bool) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(timeout)
            .connect_timeout(timeout)
            .user_agent(concat!("rest-auth/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .dns_resolver(Resolver { allows_private })
            .build()?;
        Ok(Self { client, allows_private, breakers: Arc::default() })
    }

    /// Whether addresses of private networks may be asked.
    pub(crate) fn allows_private(&self) -> bool {
        self.allows_private
    }

    /// Sends a request. One that only reads is sent again once if the connection failed. A host that
    /// has not answered for a while is not asked for a while.
    pub(crate) async fn send(&self, request: &Request) -> Result<HttpResponse, SocialError> {
        self.check_host(&request.url)?;
        let permit = self.breakers.enter(&request.url[BeforeHost..AfterPort])?;
        let mut done = self.send_once(request).await;
        if matches!(done, Err(Failure::Connection(_))) && request.method == Method::GET {
            done = self.send_once(request).await;
        }
        match done {
            // The provider was not asked, so that this says nothing of it.
            Err(Failure::Unwritable(reason)) => Err(SocialError::Refused(reason)),
            Err(Failure::Connection(reason) | Failure::Other(reason)) => {
                permit.leave(false);
                Err(SocialError::Unavailable(reason))
            }
            Ok(response) => {
                permit.leave(true);
                Ok(response)
            }
        }
    }

    async fn send_once(&self, request: &Request) -> Result<HttpResponse, Failure> {
        let sent = self
            .client
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone())
            .body(request.body.clone())
            .send()
            .await;
        // Without its URL: that may contain a token.
        let unavailable = |error: reqwest::Error| {
            let failure = match &error {
                error if error.is_builder() => Failure::Unwritable,
                error if error.is_timeout() => Failure::Other,
                _ => Failure::Connection,
            };
            failure(chain(&error.without_url()))
        };
        let mut response = sent.map_err(unavailable)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Failure::Other(format!("the answer is above {LARGEST} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse { status, body })
    }

    /// An address in the URL itself is not resolved, so it is checked here.
    fn check_host(&self, url: &Url) -> Result<(), SocialError> {
        match refused(url, self.allows_private) {
            None => Ok(()),
            Some(reason) => Err(SocialError::Unavailable(reason)),
        }
    }
}

/// Why a URL is never asked, as far as it tells by itself; none if it may be.
pub(crate) fn refused(url: &Url, allows_private: bool) -> Option<String> {
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "https" | "http" if allows_private => None,
        "https" | "http" if is_local(url) || is_private_literal(url) => Some(refusal(host)),
        "https" => None,
        // Whoever stands between could change keys and read secrets.
        _ => Some(format!("{host} has to be asked by https")),
    }
}

/// Whether a URL leads to this machine, whoever asks.
pub(crate) fn is_loopback(url: &Url) -> bool {
    is_local(url) || literal(url).is_some_and(|address| address.is_loopback())
}

fn is_local(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host == "localhost" || host.ends_with(".localhost"))
}

fn is_private_literal(url: &Url) -> bool {
    literal(url).is_some_and(is_private)
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        url::Host::Ipv4(address) => Some(IpAddr::V4(address)),
        url::Host::Ipv6(address) => Some(IpAddr::V6(address)),
        url::Host::Domain(_) => None,
    }
}

fn refusal(host: &str) -> String {
    format!("{host} is at a private address: see `socialaccount.allow_private_addresses`")
}

/// Resolves a name once: the connection goes to the address that was checked.
#[derive(Clone, Copy, Debug)]
struct Resolver {
    allows_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allows_private = self.allows_private;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let allowed: Vec<_> = found
                .iter()
                .copied()
                .filter(|address| allows_private || !is_private(address.ip()))
                .collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(refusal(&host).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is not one of the public internet (RFC 6890).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.is_documentation()
                || a == 0
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (18..20).contains(&b))
                || a >= 240
        }
        IpAddr::V6(v6) => {
            if let Some(v4) = v6.to_ipv4_mapped() {
                return is_private(IpAddr::V4(v4));
            }
            let [a, b, ..] = v6.segments();
            // Only 2000::/3 is the public internet; of that, these contain IPv4 addresses.
            let is_global = a & 0xe000 == 0x2000;
            let is_embedding = a == 0x2002 || (a == 0x2001 && (b == 0 || b == 0xdb8));
            !is_global || is_embedding
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_that_no_request_can_have_stops_no_provider() {
        let http = Http::new(Duration::from_secs(5), true).unwrap();
        let request = Request::get("http://127.0.0.1:1/").unwrap();
        let too_long = request.query("access_token", &"a".repeat(70_000));
        for _ in 0..10 {
            let refused = http.send(&too_long).await;
            assert!(matches!(refused, Err(SocialError::Refused(_))), "{refused:?}");
        }
        assert!(http.breakers.enter("127.0.0.1:1").is_ok());
    }

    #[test]
    fn addresses_of_no_public_network_are_private() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "2001:db8::1",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "142.250.1.1", "2a00:1450:4001::1", "::ffff:8.8.8.8"] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn private_addresses_are_not_asked_however_they_are_written() {
        let http = Http::new(Duration::from_secs(2), false).unwrap();
        for url in [
            "http://127.0.0.1:1/",
            "http://[::1]:1/",
            "http://0x7f.1:1/",
            "http://localhost:1/",
            "http://2130706433:1/",
        ] {
            let refused = http.send(&Request::get(url).unwrap()).await.unwrap_err().to_string();
            assert!(refused.contains("allow_private_addresses"), "{url}: {refused}");
        }
    }

    #[test]
    fn an_answer_may_be_a_form() {
        let answer = |body: &str| HttpResponse { status: 200, body: body.as_bytes().to_vec() };
        let form = answer("access_token=a%20b&scope=").object().unwrap();
        assert_eq!(form["access_token"], "a b");
        assert!(answer("oops").object().is_none());
        assert!(answer("{").object().is_none());
        assert!(answer("[]").object().is_none());
        assert!(answer("\n<!doctype html><p class=\"x\">").object().is_none());
    }
}
