//! An application of its own that has accounts: the API is mounted at `/accounts`, `/hello` is for
//! users who are logged in, `/` greets everybody, and `/secret` asks for a fresh login.

use std::time::Duration;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use rest_auth_http::prelude::*;

/// How old a login may be that shows the secret.
const FRESH: Duration = Duration::from_mins(5);

/// What the application knows by itself, beside its accounts.
#[derive(Clone)]
pub struct App {
    /// How it greets.
    pub greeting: &'static str,
    /// The accounts.
    pub api: Api,
}

impl FromRef<App> for Api {
    fn from_ref(app: &App) -> Self {
        app.api.clone()
    }
}

/// The routes of the application and, below `/accounts`, those of the API.
pub fn routes(greeting: &'static str, accounts: &RestAuth) -> Router {
    Router::new()
        .route("/", get(welcome))
        .route("/hello", get(hello))
        .route("/secret", get(secret))
        .nest("/accounts", accounts.router())
        // What the links in mails open.
        .merge(accounts.link_pages())
        .with_state(App { greeting, api: accounts.api() })
}

async fn welcome(OptionalUser(user): OptionalUser) -> String {
    match user {
        Some(user) => format!("It is you, {}.", user.username),
        None => "Who are you?".to_owned(),
    }
}

async fn hello(State(app): State<App>, user: CurrentUser) -> String {
    format!("{}, {}!", app.greeting, user.username)
}

async fn secret(by: Authenticated) -> Result<&'static str, StatusCode> {
    let is_fresh = by.age.and_then(|age| age.to_std().ok()).is_some_and(|age| age < FRESH);
    if is_fresh { Ok("42") } else { Err(StatusCode::FORBIDDEN) }
}
