//! A server in the test process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use rest_auth_domain::clock::{Clock, SystemClock};
use rest_auth_domain::random::OsRandom;
use rest_auth_flows::accounts::{self, AccountChange, NewAccount};
use rest_auth_flows::auth::{Auth, Environment};
use rest_auth_flows::context::Context;
use rest_auth_flows::links::LinkBase;
use rest_auth_flows::{open as opening, outbox};
use rest_auth_http::config::{self, ConfigFile, Settings};
use rest_auth_http::{Api, open, openapi, standalone};
use rest_auth_mail::{Inbox, Mailer};
use rest_auth_store::testing::{DatabasePool, TestDatabase};
use rest_auth_store::{Backend, Store};
use serde::Deserialize;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::contract::{Factory, Subject, merged};
use crate::openapi_check::{Answered, check_response};

/// A clock that stands still until it is wound.
pub struct HandClock(Mutex<DateTime<Utc>>);

impl HandClock {
    /// A clock that stands at the present.
    #[must_use]
    pub fn new() -> Self {
        Self::at(SystemClock.now())
    }

    /// A clock that stands at this moment.
    #[must_use]
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self(Mutex::new(moment))
    }

    /// Winds it forward.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for HandClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server. A [`TestDatabase`] that it was started with goes when the server is dropped.
pub struct Server {
    router: Router,
    api: Api,
    clock: Arc<HandClock>,
    inbox: Inbox,
    /// The OpenAPI document, which every answer is held against.
    document: Value,
    /// Goes when the server does; none if the server's is not ours to remove.
    database: Option<TestDatabase>,
}

/// Starts servers on one kind of database, each on an empty one.
#[derive(Clone, Debug)]
pub struct InProcess {
    backend: Backend,
    databases: DatabasePool,
}

impl InProcess {
    /// Servers on this kind of database.
    #[must_use]
    pub fn on(backend: Backend) -> Self {
        Self { backend, databases: DatabasePool::new(backend) }
    }
}

impl Server {
    /// Starts a server with a configuration, on an empty database.
    ///
    /// # Errors
    /// Says what is wrong with the configuration, or which database cannot be reached.
    pub async fn start(config: &Value, backend: Backend) -> Result<Self, String> {
        let database = TestDatabase::migrated(backend)
            .await
            .ok_or_else(|| format!("no {backend:?} server is configured"))?;
        Self::start_on(config, database).await
    }

    /// Starts a server on a database that is there already.
    ///
    /// # Errors
    /// Says what is wrong with the configuration or the database.
    pub async fn start_on(config: &Value, database: TestDatabase) -> Result<Self, String> {
        let settings = read(config)?;
        let store = database.store().await.map_err(|error| error.to_string())?;
        Self::open(&settings, store, HandClock::new(), Some(database))
    }

    /// Starts one of several servers on a database, each with a clock of its own.
    ///
    /// # Errors
    /// Says what is wrong with the configuration or the database.
    pub async fn start_beside(
        config: &Value,
        database: &TestDatabase,
        moment: DateTime<Utc>,
    ) -> Result<Self, String> {
        let settings = read(config)?;
        let store = database.store().await.map_err(|error| error.to_string())?;
        Self::open(&settings, store, HandClock::at(moment), None)
    }

    /// Starts a server at a moment on the database that its configuration names, as it would start
    /// in production.
    ///
    /// # Errors
    /// Says what is wrong with the configuration or the database.
    pub async fn start_at(config: &Value, moment: DateTime<Utc>) -> Result<Self, String> {
        let settings = read(config)?;
        let store = Store::connect(&settings.database).await.map_err(|error| error.to_string())?;
        store.migrate().await.map_err(|error| error.to_string())?;
        Self::open(&settings, store, HandClock::at(moment), None)
    }

    fn open(
        settings: &Settings,
        store: Store,
        clock: HandClock,
        database: Option<TestDatabase>,
    ) -> Result<Self, String> {
        let (mailer, inbox) = Mailer::memory(&opening::mail_settings(
            &settings.account,
            &settings.email,
            "example.com",
        ))
        .map_err(|error| error.to_string())?;
        let clock = Arc::new(clock);
        let environment = Environment {
            clock: clock.clone(),
            random: Arc::new(OsRandom),
            ..Environment::default()
        };
        let api = open::assemble(settings, store, mailer, environment)
            .map_err(|error| error.to_string())?;
        let document =
            openapi::document(api.configuration()).to_json().map_err(|error| error.to_string())?;
        let document = serde_json::from_str(&document).map_err(|error| error.to_string())?;
        let router = standalone(&api);
        Ok(Self { router, api, clock, inbox, document, database })
    }

    /// The API, for its table of endpoints.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The accounts, for looking behind the API.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        self.api.auth()
    }

    /// The database, for doing what Django does beside the server.
    ///
    /// # Panics
    /// When the server was started on one that its configuration names.
    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        self.database.as_ref().expect("the server has a database of its own")
    }

    /// Answers one request.
    ///
    /// # Panics
    /// When the OpenAPI document does not describe the answer, or its body breaks off.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (method, target) = (request.method().to_string(), request.uri().to_string());
        let answer = self.answer_to_anything(request).await;
        // What browsers look for at the root of the host is no part of the API.
        let is_of_api = !target.contains("/.well-known/");
        if is_of_api && let Err(problem) = self.is_described(&method, &target, &answer) {
            panic!("the OpenAPI document does not describe this answer: {problem}");
        }
        answer
    }

    /// Answers one request that breaks the rules of HTTP itself, such as no client of the API ever
    /// sends. What the server says to that is not in the OpenAPI document.
    ///
    /// # Panics
    /// When the body of the answer breaks off.
    pub async fn answer_to_anything(&self, request: Request<Bytes>) -> Response<Bytes> {
        let is_head = request.method() == http::Method::HEAD;
        let mut request = request.map(Body::from);
        let client = SocketAddr::from((Ipv4Addr::LOCALHOST, 54_321));
        request.extensions_mut().insert(ConnectInfo(client));
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (mut head, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => panic!("the body breaks off: {error}"),
        };
        // What the listener adds on the way out.
        if !head.status.is_informational() && head.status != http::StatusCode::NO_CONTENT {
            let length = HeaderValue::from(body.len());
            head.headers.entry(CONTENT_LENGTH).or_insert(length);
        }
        Response::from_parts(head, if is_head { Bytes::new() } else { body })
    }
}

impl Server {
    /// Whether the OpenAPI document says that a request can have this answer.
    ///
    /// # Errors
    /// Says what it does not describe.
    pub fn is_described(
        &self,
        method: &str,
        target: &str,
        answer: &Response<Bytes>,
    ) -> Result<(), String> {
        let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let body = match answer.body() {
            body if body.is_empty() => None,
            body => Some(
                serde_json::from_slice(body)
                    .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body).into_owned())),
            ),
        };
        let status = answer.status().as_u16();
        let answered = Answered { method, target, status, content_type, body: body.as_ref() };
        check_response(&self.document, &self.api.settings().server.base_path, &answered)
    }
}

/// Reads a configuration as if it stood in a file, with nothing in the environment.
///
/// # Errors
/// Every finding that keeps a server from starting.
pub fn read(config: &Value) -> Result<Settings, String> {
    let content = toml::to_string(config).map_err(|error| error.to_string())?;
    let file = ConfigFile { path: Path::new("test.toml"), content: &content };
    let loaded = config::load(Some(file), std::iter::empty());
    if loaded.has_errors() {
        let findings: Vec<_> = loaded.findings.iter().map(ToString::to_string).collect();
        return Err(findings.join("\n"));
    }
    Ok(loaded.settings)
}

/// A line for `user update`.
#[derive(Deserialize)]
struct Change {
    username: String,
    #[serde(default)]
    set: AccountChange,
    #[serde(default)]
    delete: bool,
}

#[async_trait]
impl Subject for Server {
    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.answer(request).await
    }

    async fn create_user(&self, user: Value) -> Result<(), String> {
        let user: NewAccount = serde_json::from_value(user).map_err(|e| e.to_string())?;
        accounts::create(self.auth(), user).await.map(drop).map_err(|e| e.to_string())
    }

    async fn change_user(&self, change: Value) -> Result<(), String> {
        let change: Change = serde_json::from_value(change).map_err(|e| e.to_string())?;
        let done = if change.delete {
            accounts::delete(self.auth(), &change.username).await
        } else {
            let context = Context::for_command(self.auth(), LinkBase::configured(""));
            accounts::update(self.auth(), &context, &change.username, change.set).await
        };
        done.map(drop).map_err(|e| e.to_string())
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    async fn new_mails(&self) -> Vec<Vec<u8>> {
        loop {
            match outbox::deliver_due(self.auth()).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => panic!("the outbox cannot be read: {error}"),
            }
        }
        self.inbox.take().iter().map(|mail| mail.bytes().to_vec()).collect()
    }
}

#[async_trait]
impl Factory for InProcess {
    async fn start(&self, config: Value, base: &Value) -> Result<Box<dyn Subject>, String> {
        let database = self.databases.take().await;
        let database =
            database.ok_or_else(|| format!("no {:?} server is configured", self.backend))?;
        Ok(Box::new(Server::start_on(&merged(base, &config), database).await?))
    }
}
