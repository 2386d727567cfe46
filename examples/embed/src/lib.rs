//! An application of its own that has accounts: the API is mounted at `/accounts`, and `/hello`
//! is for users who are logged in.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::get;
use rest_auth_http::{Api, CurrentUser, router};

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
pub fn routes(app: App) -> Router {
    Router::new().route("/hello", get(hello)).nest("/accounts", router(&app.api)).with_state(app)
}

async fn hello(State(app): State<App>, user: CurrentUser) -> String {
    format!("{}, {}!", app.greeting, user.username)
}
