//! A server of the tests at a port of its own, as a browser reaches it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use rest_auth_tests::server::Server;
use tokio::net::TcpListener;

/// A port that is listened at, and its number.
pub(crate) async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

/// All paths of a server.
pub(crate) fn api(server: &Arc<Server>) -> Router {
    let server = Arc::clone(server);
    Router::new().fallback(async move |request: Request| {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        server.answer(http::Request::from_parts(head, body)).await.map(Body::from)
    })
}
