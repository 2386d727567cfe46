//! Open accounts with running workers.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use rest_auth_flows::workers::Workers;

use super::Builder;
use crate::api::Api;
use crate::config::Finding;
use crate::link_pages::link_pages;
use crate::open::OpenError;
use crate::router::router;

/// The open accounts of an application. Workers deliver mails and clean up. They stop when this is
/// dropped; [`RestAuth::shut_down`] also waits for mails that are being delivered.
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use rest_auth_http::prelude::*;
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let accounts = RestAuth::from_file("rest-auth.toml").await?;
/// let app: Router = Router::new()
///     .route("/hello", get(hello))
///     .nest("/accounts", accounts.router())
///     .with_state(accounts.api());
/// # Ok(())
/// # }
///
/// async fn hello(user: CurrentUser) -> String {
///     format!("Welcome back, {}!", user.username)
/// }
/// ```
#[derive(Debug)]
#[must_use = "the workers stop when this is dropped"]
pub struct RestAuth {
    pub(super) api: Api,
    pub(super) warnings: Vec<Finding>,
    pub(super) workers: Workers,
    pub(super) patience: Duration,
}

impl RestAuth {
    /// Opens the accounts that a configuration file describes, as `rest-auth serve` would. The
    /// environment is not looked at: [`Builder::variables`] adds it.
    ///
    /// # Errors
    /// [`OpenError`]; a configuration with errors is one of them.
    pub async fn from_file(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::builder().file(path.as_ref()).open().await
    }

    /// Begins to describe accounts.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The handle that the router and the extractors work with. An application keeps a clone in
    /// its state: `impl FromRef<App> for Api`.
    #[must_use]
    pub fn api(&self) -> Api {
        self.api.clone()
    }

    /// The API, to nest at any path of the application. Links to it follow the path that a request
    /// comes by, whatever `server.base_path` says. Every path works with and without its trailing slash, and unknown paths are left to the
    /// application.
    ///
    /// Serve the application by `into_make_service_with_connect_info::<SocketAddr>()`: limits
    /// count by the address of the client.
    pub fn router<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        router(&self.api)
    }

    /// The pages behind links in mails, where `account.link_pages` is on and no page of a front end
    /// is configured. They lie at the root of `server.public_url`: merge them, nested nowhere.
    pub fn link_pages<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        link_pages(&self.api)
    }

    /// Warnings about the configuration.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// Stops the workers, waits for the mails under way as long as `server.shutdown_timeout`
    /// says, and closes the database.
    pub async fn shut_down(self) {
        self.workers.shut_down(self.patience).await;
        self.api.auth().store().close().await;
    }
}
