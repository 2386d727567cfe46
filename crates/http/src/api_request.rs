//! One request, as the dispatcher and the handlers see it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName, Method, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use rest_auth_domain::csrf::CsrfSecret;
use rest_auth_domain::host::Origin;
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
use crate::caller::Caller;
use crate::path_parameters::PathParameters;
use crate::request_info::{RequestInfo, bytes, cookie_of, text};
use crate::settings::Configuration;

/// A request that is being answered. Clones share one state.
#[derive(Clone)]
pub(crate) struct ApiRequest(Arc<Inner>);

struct Inner {
    api: Api,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
    parameters: PathParameters,
    info: RequestInfo,
    body: RequestBody,
    session: OnceCell<Opening>,
    caller: OnceLock<Caller>,
    context: OnceLock<Context>,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum RequestBody {
    /// All of it.
    Read(Bytes),
    /// The body is larger than `server.data_upload_max_memory_size`, or the connection ended early.
    TooLarge,
}

impl ApiRequest {
    /// Reads the whole request. The size of the body is limited, and the server's timeout limits
    /// how long a slow client may take.
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

    /// A request without its body, for an extractor in front of another application's handler.
    pub(crate) fn of_head(api: Api, head: &Head) -> Self {
        Self::new(api, head.clone(), PathParameters::default(), RequestBody::Read(Bytes::new()))
    }

    fn new(api: Api, mut head: Head, parameters: PathParameters, body: RequestBody) -> Self {
        let info = RequestInfo::of(&api, &mut head);
        Self(Arc::new(Inner {
            method: head.method,
            uri: head.uri,
            parameters,
            headers: head.headers,
            api,
            info,
            body,
            session: OnceCell::new(),
            caller: OnceLock::new(),
            context: OnceLock::new(),
        }))
    }

    pub(crate) fn api(&self) -> &Api {
        &self.0.api
    }

    /// The settings of the whole API.
    pub(crate) fn configuration(&self) -> Configuration<'_> {
        self.0.api.configuration()
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
        &self.0.info.client
    }

    /// The request as flows see it. It is made when a flow is first called, which is during or
    /// after authentication.
    pub(crate) fn context(&self) -> &Context {
        self.0.context.get_or_init(|| Context {
            client: self.0.info.client.clone(),
            language: self.0.info.language.code().to_owned(),
            links: self.link_base(),
            session: self.current_session(),
            token: self.0.caller.get().and_then(Caller::token).map(str::to_owned),
            access: self.0.caller.get().and_then(Caller::access).map(<[u8]>::to_vec),
            browser: self.trusted_browser(),
            csrf_secret: self.new_csrf_secret(),
        })
    }

    pub(crate) fn peer(&self) -> Option<IpAddr> {
        self.0.info.peer
    }

    pub(crate) fn language(&self) -> &Language {
        &self.0.info.language
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.0.info.origin
    }

    /// What links begin with.
    fn link_base(&self) -> LinkBase {
        let base = self.0.api.link_base(&self.0.info.origin);
        match &self.0.info.nest {
            Some(path) => base.nested_at(path),
            None => base,
        }
    }

    /// A header as sent; bytes that are not ASCII are taken for latin-1, as WSGI does.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        text(&self.0.headers, name)
    }

    /// The bytes of a header; several lines of one name are one list.
    pub(crate) fn header_bytes(&self, name: &HeaderName) -> Option<Cow<'_, [u8]>> {
        bytes(&self.0.headers, name)
    }

    pub(crate) fn content_type(&self) -> String {
        self.header(&CONTENT_TYPE).unwrap_or_default().into_owned()
    }

    /// A parameter of the query string. If several have this name, the last one counts.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.0.uri.query()?.as_bytes())
            .filter(|(key, _)| key == name)
            .last()
            .map(|(_, value)| value.into_owned())
    }

    /// The key of a row that the path names.
    ///
    /// # Errors
    /// 404 if it is not a number from 1.
    pub(crate) fn path_id(&self) -> Result<i64, AuthError> {
        self.0.parameters.id().ok_or(AuthError::NotFound)
    }

    /// The name of something that the path names.
    ///
    /// # Errors
    /// 404 if it is not one of base64url.
    pub(crate) fn path_name(&self) -> Result<&str, AuthError> {
        self.0.parameters.name().ok_or(AuthError::NotFound)
    }

    /// A text that the path has in this place; empty if it has none.
    pub(crate) fn path_text(&self, name: &str) -> &str {
        self.0.parameters.text(name).unwrap_or_default()
    }

    /// The provider that the endpoint is about.
    ///
    /// # Errors
    /// 404 if it is about none.
    pub(crate) fn provider(&self) -> Result<&str, AuthError> {
        self.0.parameters.provider().ok_or(AuthError::NotFound)
    }

    /// A cookie. If several have this name, the last one counts.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        cookie_of(&self.0.headers, name)
    }

    /// Whether the request carries a session cookie, valid or not.
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

    /// The session, if it has been looked up already.
    pub(crate) fn opened_session(&self) -> Option<&Opening> {
        self.0.session.get()
    }

    /// The session for a flow. It is looked up only when the flow asks for it.
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

    /// Who sent the request; no user before authentication.
    pub(crate) fn caller(&self) -> &Caller {
        self.0.caller.get_or_init(Caller::default)
    }

    /// The user who is logged in.
    ///
    /// # Errors
    /// 401 if none is. The dispatcher has checked it for endpoints that need a login.
    pub(crate) fn user(&self) -> Result<&User, AuthError> {
        let user = self.caller().user.as_ref();
        user.ok_or_else(|| AuthError::refused(Message::NotAuthenticated))
    }

    pub(crate) fn set_caller(&self, caller: Caller) {
        // The dispatcher authenticates once.
        let _ = self.0.caller.set(caller);
    }

    /// What the cookie of a trusted browser holds.
    fn trusted_browser(&self) -> Option<String> {
        let is_on = self.auth().settings().mfa.trust_enabled;
        self.cookie(&self.0.api.cookies().browser.name).filter(|_| is_on)
    }

    /// A new CSRF secret for a login, where sessions keep it.
    fn new_csrf_secret(&self) -> Option<String> {
        let in_session = self.0.api.settings().csrf.use_sessions;
        in_session.then(|| CsrfSecret::generate(self.auth().random()).as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::Profile;

    use super::*;
    use crate::fixture::{self, TestApi, TestSettings};

    async fn start() -> TestApi {
        TestSettings::of(Profile::Strict).start().await
    }

    #[tokio::test]
    async fn of_a_repeated_name_the_last_counts() {
        let app = start().await;
        let cookies = [("Cookie", "a=1; b=2; a=3"), ("Cookie", "a=4")];
        let request = fixture::request("GET /?format=json&x=1&format=api", &cookies, "");
        let request = fixture::in_work(&app.api, request).await;
        assert_eq!(request.query("format").as_deref(), Some("api"));
        assert_eq!(request.query("y"), None);
        assert_eq!(request.cookie("a").as_deref(), Some("4"));
        assert_eq!(request.cookie("c"), None);
    }

    #[tokio::test]
    async fn a_body_above_the_limit_is_not_kept() {
        let mut settings = TestSettings::of(Profile::Strict);
        settings.http.server.data_upload_max_memory_size = Some(4);
        let app = settings.start().await;
        let small = fixture::in_work(&app.api, fixture::request("POST /", &[], "1234")).await;
        assert!(matches!(small.body(), RequestBody::Read(bytes) if &bytes[..] == b"1234"));
        let large = fixture::in_work(&app.api, fixture::request("POST /", &[], "12345")).await;
        assert!(matches!(large.body(), RequestBody::TooLarge));
    }

    #[tokio::test]
    async fn a_path_without_an_id_names_nothing() {
        let app = start().await;
        let request = fixture::in_work(&app.api, fixture::request("GET /", &[], "")).await;
        assert!(matches!(request.path_id(), Err(AuthError::NotFound)));
    }

    #[tokio::test]
    async fn what_the_middleware_found_is_not_looked_for_again() {
        let app = start().await;
        let (mut head, _) = fixture::request("GET /", &[], "").into_parts();
        let mut info = RequestInfo::find(&app.api, &head, Some("an-id-of-the-log"));
        assert_eq!(info.origin.host, "localhost");
        info.origin.host = "found.example".to_owned();
        head.extensions.insert(info);
        let request = ApiRequest::of_head(app.api.clone(), &head);
        assert_eq!(request.origin().host, "found.example");
        assert_eq!(request.client().request_id.as_deref(), Some("an-id-of-the-log"));
    }

    #[tokio::test]
    async fn nobody_sent_a_request_before_authentication() {
        let app = start().await;
        let request = fixture::in_work(&app.api, fixture::request("GET /", &[], "")).await;
        assert!(request.caller().user.is_none());
        assert!(matches!(request.user(), Err(AuthError::Unauthenticated(_))));
        assert!(!request.has_session_cookie());
        assert!(matches!(request.current_session(), CurrentSession::None));
    }
}
