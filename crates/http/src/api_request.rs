//! One request, as the dispatcher and the handlers see it.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName, Method, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use rest_auth_domain::cookie;
use rest_auth_domain::csrf::CsrfSecret;
use rest_auth_domain::host::{HostHeaders, Listener, Origin, Scheme};
use rest_auth_domain::language::Language;
use rest_auth_domain::message::Message;
use rest_auth_domain::session::SessionKey;
use rest_auth_flows::User;
use rest_auth_flows::auth::Auth;
use rest_auth_flows::client::Client;
use rest_auth_flows::context::Context;
use rest_auth_flows::credentials::session::{self, Opening};
use rest_auth_flows::current_session::CurrentSession;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::links::LinkBase;
use tokio::sync::OnceCell;

use crate::api::Api;
use crate::middleware::RequestId;
use crate::path_parameters::PathParameters;
use crate::schemes::{self, Caller};

/// How many characters of a User-Agent are kept.
const USER_AGENT_LENGTH: usize = 200;

/// A request in work. Clones share it.
#[derive(Clone)]
pub(crate) struct ApiRequest(Arc<Parts>);

struct Parts {
    api: Api,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
    parameters: PathParameters,
    origin: Origin,
    peer: Option<IpAddr>,
    client: Client,
    language: Language,
    body: RequestBody,
    session: OnceCell<Opening>,
    caller: OnceLock<Caller>,
    context: OnceLock<Context>,
    csrf_reset: OnceLock<CsrfSecret>,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum RequestBody {
    /// All of it.
    Read(Bytes),
    /// More than `server.data_upload_max_memory_size`, or broken off.
    TooLarge,
}

/// Marks a request that came over TLS; the listener that terminates TLS sets it.
#[derive(Clone, Copy, Debug)]
pub struct OverTls;

impl ApiRequest {
    /// Reads the request as a whole. The body is bounded, and the server's timeout bounds how long
    /// a slow client may take.
    pub(crate) async fn read(api: Api, head: Head, parameters: PathParameters, body: Body) -> Self {
        let limited = Limited::new(body, api.limits().bytes);
        let body = match limited.collect().await {
            Ok(collected) => RequestBody::Read(collected.to_bytes()),
            Err(error) => {
                if !error.is::<LengthLimitError>() {
                    tracing::debug!(%error, "the body broke off");
                }
                RequestBody::TooLarge
            }
        };
        Self::new(api, head, parameters, body)
    }

    /// The head of a request alone: what an extractor in front of another handler sees.
    pub(crate) fn of_head(api: Api, head: &Head) -> Self {
        Self::new(api, head.clone(), PathParameters::default(), RequestBody::Read(Bytes::new()))
    }

    fn new(api: Api, head: Head, parameters: PathParameters, body: RequestBody) -> Self {
        let peer = head.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let client = Client {
            address: api.proxies().client(peer, &head.headers),
            user_agent: text(&head.headers, &USER_AGENT)
                .unwrap_or_default()
                .chars()
                .take(USER_AGENT_LENGTH)
                .collect(),
            request_id: head.extensions.get::<RequestId>().map(|id| id.0.clone()),
        };
        let origin = origin_of(&api, &head);
        let language = language_of(&api, &head.headers).clone();
        Self(Arc::new(Parts {
            method: head.method,
            uri: head.uri,
            parameters,
            headers: head.headers,
            api,
            origin,
            peer,
            client,
            language,
            body,
            session: OnceCell::new(),
            caller: OnceLock::new(),
            context: OnceLock::new(),
            csrf_reset: OnceLock::new(),
        }))
    }

    pub(crate) fn api(&self) -> &Api {
        &self.0.api
    }

    pub(crate) fn auth(&self) -> &Auth {
        self.0.api.auth()
    }

    pub(crate) fn method(&self) -> &Method {
        &self.0.method
    }

    pub(crate) fn body(&self) -> &RequestBody {
        &self.0.body
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    /// The request as flows see it. It is made when a flow is first called, which is after
    /// authentication or at its end.
    pub(crate) fn context(&self) -> &Context {
        self.0.context.get_or_init(|| Context {
            client: self.0.client.clone(),
            language: self.0.language.code().to_owned(),
            links: self.link_base(),
            session: self.current_session(),
            token: schemes::shown_token(self).map(str::to_owned),
            csrf_secret: schemes::session_csrf_secret(self),
        })
    }

    pub(crate) fn peer(&self) -> Option<IpAddr> {
        self.0.peer
    }

    pub(crate) fn language(&self) -> &Language {
        &self.0.language
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// What links in letters begin with.
    fn link_base(&self) -> LinkBase {
        self.0.api.link_base(&self.0.origin)
    }

    /// A header as sent; bytes that are not ASCII are taken for latin-1, as WSGI does.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        text(&self.0.headers, name)
    }

    /// The bytes of a header.
    pub(crate) fn header_bytes(&self, name: &HeaderName) -> Option<&[u8]> {
        self.0.headers.get(name).map(axum::http::HeaderValue::as_bytes)
    }

    pub(crate) fn content_type(&self) -> String {
        self.header(&CONTENT_TYPE).unwrap_or_default().into_owned()
    }

    /// A parameter of the query string; the last one of its name.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.0.uri.query()?.as_bytes())
            .filter(|(key, _)| key == name)
            .last()
            .map(|(_, value)| value.into_owned())
    }

    /// The key of a row that the path names.
    ///
    /// # Errors
    /// 404 if it is no number that could be one.
    pub(crate) fn path_id(&self) -> Result<i64, AuthError> {
        self.0.parameters.id().ok_or(AuthError::NotFound)
    }

    /// A cookie; of several of one name the last.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        cookie_of(&self.0.headers, name)
    }

    /// Whether the request carries a session cookie, good or not.
    pub(crate) fn has_session_cookie(&self) -> bool {
        self.cookie(&self.0.api.cookies().session.name).is_some()
    }

    /// The session of the request, looked up when it is first asked for.
    pub(crate) async fn session(&self) -> Result<&Opening, AuthError> {
        self.0
            .session
            .get_or_try_init(|| async {
                match self.session_key() {
                    // Boxed, because it is large and most requests have no session.
                    Some(key) => Box::pin(session::open(self.auth(), key)).await,
                    None => Ok(Opening::default()),
                }
            })
            .await
    }

    /// The session, if anybody has looked it up.
    pub(crate) fn opened_session(&self) -> Option<&Opening> {
        self.0.session.get()
    }

    /// The session for a flow, which may never need it.
    fn current_session(&self) -> CurrentSession {
        match (self.opened_session(), self.session_key()) {
            (Some(Opening { session: Some(session), .. }), _) => {
                CurrentSession::Open(session.clone())
            }
            (None, Some(key)) => CurrentSession::Key(key),
            _ => CurrentSession::None,
        }
    }

    fn session_key(&self) -> Option<SessionKey> {
        SessionKey::from_cookie(&self.cookie(&self.0.api.cookies().session.name)?)
    }

    /// Who sent the request; nobody before authentication.
    pub(crate) fn caller(&self) -> &Caller {
        self.0.caller.get_or_init(Caller::default)
    }

    /// The user who is logged in.
    ///
    /// # Errors
    /// 401 if nobody is, which an endpoint for logged-in users has checked before.
    pub(crate) fn user(&self) -> Result<&User, AuthError> {
        let user = self.caller().user.as_ref();
        user.ok_or_else(|| AuthError::refused(Message::NotAuthenticated))
    }

    /// Who sent the request, once that is decided.
    pub(crate) fn known_caller(&self) -> Option<&Caller> {
        self.0.caller.get()
    }

    pub(crate) fn set_caller(&self, caller: Caller) {
        // The dispatcher authenticates once.
        let _ = self.0.caller.set(caller);
    }

    /// A new CSRF secret, which the answer sets in place of a malformed one.
    pub(crate) fn csrf_reset(&self) -> Option<&CsrfSecret> {
        self.0.csrf_reset.get()
    }

    pub(crate) fn reset_csrf(&self) {
        self.0.csrf_reset.get_or_init(|| CsrfSecret::generate(self.auth().random()));
    }
}

/// A header as text; the bytes above ASCII as latin-1.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, str>> {
    let value = headers.get(name)?;
    Some(match value.to_str() {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().copied().map(char::from).collect()),
    })
}

pub(crate) fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| cookie::find(std::str::from_utf8(value.as_bytes()).ok()?, name))
        .next_back()
        .map(Cow::into_owned)
}

/// The language that a request asks for.
pub(crate) fn language_of<'s>(api: &'s Api, headers: &HeaderMap) -> &'s Language {
    let cookie = if api.negotiates_language() {
        cookie_of(headers, &api.auth().settings().i18n.language_cookie_name)
    } else {
        None
    };
    api.language(cookie.as_deref(), text(headers, &ACCEPT_LANGUAGE).as_deref())
}

/// Where the request came in. A host that is not allowed never gets here from the outside; in
/// front of a foreign handler it counts as it was sent.
pub(crate) fn origin_of(api: &Api, head: &Head) -> Origin {
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

/// Whether the request is for a host that this server answers for.
pub(crate) fn host_is_allowed(api: &Api, head: &Head) -> bool {
    let forwarded = str_of(head, "x-forwarded-host").filter(|_| api.hosts().use_forwarded_host);
    match forwarded.or(host(head)) {
        Some(host) => api.hosts().allowed.allows(host),
        // HTTP/1.0 needs no host, and none is in any link then.
        None => true,
    }
}

/// HTTP/1 says the host in a header, HTTP/2 in the target.
fn host(head: &Head) -> Option<&str> {
    str_of(head, HOST.as_str())
        .or_else(|| head.uri.authority().map(axum::http::uri::Authority::as_str))
}

fn str_of<'h>(head: &'h Head, name: &str) -> Option<&'h str> {
    head.headers.get(name)?.to_str().ok()
}
