//! Serves the application: `cargo run` in this folder, where `rest-auth.toml` is.
//! `curl localhost:3000/hello` is turned away until a login below `/accounts/` has handed out a
//! token.

use std::net::SocketAddr;

use rest_auth_embed_example::routes;
use rest_auth_http::RestAuth;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let accounts =
        RestAuth::builder().file("rest-auth.toml").variables(std::env::vars_os()).open().await?;
    for warning in accounts.warnings() {
        eprintln!("{warning}");
    }

    let app = routes("Welcome back", &accounts);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, app).with_graceful_shutdown(stop).await?;

    accounts.shut_down().await;
    Ok(())
}
