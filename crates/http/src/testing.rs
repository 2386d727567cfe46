//! Users who are logged in, for the tests of applications that embed the accounts; and the operations
//! of the API, for tests that try each.
//!
//! ```no_run
//! # use rest_auth_http::{RestAuth, testing};
//! # async fn test() -> Result<(), testing::TestError> {
//! # let accounts = RestAuth::builder().open().await.expect("a configuration");
//! let ada = testing::user(&accounts, "ada").await?;
//! let request = ada.request("GET", "/hello").body(axum::body::Body::empty());
//! # Ok(())
//! # }
//! ```

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, request};
use rest_auth_domain::csrf::header_name;
use rest_auth_flows::User;
use rest_auth_flows::accounts::{self, AccountError, NewAccount};
use rest_auth_flows::settings::account::LoginMethod;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::api::Api;
use crate::catalogue;
use crate::embed::RestAuth;
use crate::endpoint::{Mounted, Operation};

/// The password of every user that is made here.
pub const PASSWORD: &str = "correct horse battery staple";

/// The most bytes of the answer to a login.
const ANSWER: usize = 64 * 1024;

/// A user who is logged in.
#[derive(Debug)]
pub struct TestUser {
    /// The user.
    pub user: User,
    /// Headers for requests of the user: the credentials from the login, and the CSRF token that
    /// cookies need.
    pub headers: HeaderMap,
}

/// Why the user could not be made or logged in.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// The account cannot be made.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The login is refused.
    #[error("the login is answered {status}: {body}")]
    Login {
        /// The status of the answer.
        status: u16,
        /// Its body.
        body: String,
    },
}

impl TestUser {
    /// The beginning of a request with the user's headers. Add the body.
    #[must_use]
    pub fn request(&self, method: &str, uri: &str) -> request::Builder {
        let mut builder = Request::builder().method(method).uri(uri);
        if let Some(headers) = builder.headers_mut() {
            headers.extend(self.headers.clone());
        }
        builder
    }
}

/// An operation that the configuration switches on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiOperation {
    /// The path as the table of endpoints has it: `{provider}` stands for a provider, `{id}` for a
    /// number.
    pub template: &'static str,
    /// The path below the mount point, with the provider.
    pub path: String,
    /// The method.
    pub method: String,
    /// Whether an answer can have new credentials.
    pub issues_credentials: bool,
}

/// All operations of an API.
#[must_use]
pub fn operations(api: &Api) -> Vec<ApiOperation> {
    let endpoints = catalogue::endpoints(api.configuration()).into_iter();
    let of_endpoint = |endpoint: Mounted| {
        let operation = |operation: &Operation| ApiOperation {
            template: endpoint.path,
            path: endpoint.path().into_owned(),
            method: operation.method.to_string(),
            issues_credentials: operation.issues_credentials,
        };
        endpoint.operations.iter().map(operation).collect::<Vec<_>>()
    };
    endpoints.flat_map(of_endpoint).collect()
}

/// Makes a user with a verified address and logs in as the API does: the credentials are of the
/// kind that the configuration issues.
///
/// # Errors
/// [`TestError`]
pub async fn user(accounts: &RestAuth, username: &str) -> Result<TestUser, TestError> {
    let email = format!("{username}@example.com");
    let new = NewAccount {
        email: email.clone(),
        email_verified: Some(true),
        password: Some(PASSWORD.to_owned()),
        ..NewAccount::named(username)
    };
    let api = accounts.api();
    let user = accounts::create(api.auth(), new).await?;
    let methods = &api.auth().settings().account.login_methods;
    let (field, name) = if methods.contains(&LoginMethod::Username) {
        ("username", username)
    } else {
        ("email", email.as_str())
    };
    let login = json!({field: name, "password": PASSWORD});
    let mut request = Request::post("/login/")
        .header(HOST, host(accounts))
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(login.to_string()))
        .unwrap_or_default();
    request.extensions_mut().insert(crate::OverTls);
    let router: Router = accounts.router();
    let Ok(answer) = router.oneshot(request).await;
    Ok(TestUser { user, headers: headers(accounts, answer).await? })
}

/// A host that the settings allow.
fn host(accounts: &RestAuth) -> String {
    let api = accounts.api();
    let name = api.settings().server.allowed_hosts.first().map(|host| host.trim_start_matches('.'));
    name.filter(|name| *name != "*").unwrap_or("localhost").to_owned()
}

/// The headers that a client sends after this answer to its login.
async fn headers(accounts: &RestAuth, answer: Response<Body>) -> Result<HeaderMap, TestError> {
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, ANSWER).await.unwrap_or_default();
    if !head.status.is_success() {
        let body = String::from_utf8_lossy(&body).into_owned();
        return Err(TestError::Login { status: head.status.as_u16(), body });
    }
    let mut headers = HeaderMap::new();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let api = accounts.api();
    let keyword = api.auth().settings().simple_jwt.auth_header_types.first();
    let keyword = keyword.map_or("Bearer", String::as_str);
    for (field, keyword) in [("key", "Token"), ("access", keyword)] {
        let value = body[field].as_str().map(|secret| format!("{keyword} {secret}"));
        add(&mut headers, AUTHORIZATION, value);
    }
    let set = head.headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let pairs: Vec<&str> = set.filter_map(|cookie| cookie.split(';').next()).collect();
    if !pairs.is_empty() {
        add(&mut headers, COOKIE, Some(pairs.join("; ")));
    }
    let csrf = &api.settings().csrf;
    let prefix = format!("{}=", csrf.cookie_name);
    let token = pairs.iter().find_map(|pair| pair.strip_prefix(&*prefix));
    if let Ok(name) = header_name(&csrf.header_name).parse::<HeaderName>() {
        add(&mut headers, name, token.map(str::to_owned));
    }
    Ok(headers)
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
        headers.insert(name, value);
    }
}
