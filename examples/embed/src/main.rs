//! Serves the application. `curl localhost:3000/hello` is turned away until a login below
//! `/accounts/` has handed out a token.

use std::net::SocketAddr;

use rest_auth::config::{Settings, load};
use rest_auth_embed_example::{App, routes};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut settings: Settings = load(None, std::env::vars()).settings;
    rest_auth::secret_key::ensure(&mut settings)?;
    let api = rest_auth::app::open(&settings).await?;
    let accounts = api.auth().clone();
    tokio::spawn(async move { rest_auth_http::flows::outbox::deliver_forever(&accounts).await });

    let app = routes(App { greeting: "Welcome back", api });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}
