//! Social login with `OpenID` providers of other makes.

mod allauth;
mod certified;
mod hostile;

use std::sync::Arc;

use rest_auth_store::Backend;
use rest_auth_tests::client::{Answer, Client};
use rest_auth_tests::contract::merged;
use rest_auth_tests::openid_peer::Peer;
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

const FRONT: &str = "https://app.example.com/done";

/// A server that knows the provider by three lines of its configuration.
async fn server(peer: &Peer, config: Value) -> Arc<Server> {
    let base = json!({
        "server": {
            "base_path": "/",
            "public_url": "https://api.example.com/",
            "secret_key": "the key of the tests with a provider, which is long enough",
        },
        "rest_auth": {"token_model": false},
        "socialaccount": {
            "allow_private_addresses": true,
            "redirect_url": FRONT,
            "hand_over": "cookies",
            "providers": {"peer": {
                "server_url": peer.url(),
                "client_id": "our-app",
                "secret": "our-secret",
            }},
        },
    });
    let server = Server::start(&merged(&base, &config), Backend::Sqlite).await;
    Arc::new(server.expect("the server starts"))
}

/// Apps get codes, too.
fn codes_of_apps() -> Value {
    let callback = "https://app.example.com/callback";
    json!({"socialaccount": {"providers": {"peer": {"callback_url": callback}}}})
}

fn browser(server: &Arc<Server>) -> Client {
    Client::new(server).with("Host", "api.example.com").over_tls()
}

async fn login(server: &Arc<Server>, form: Value) -> (Client, Answer) {
    let mut client = browser(server);
    let answer = client.post("/peer/", &form).await;
    (client, answer)
}

fn location(answer: &Answer) -> String {
    answer.is(303);
    answer.header("location").expect("a location").to_owned()
}

/// Goes to the provider; the path and query that it comes back with.
async fn there_and_back(peer: &mut Peer, browser: &mut Client, login: &str) -> String {
    let there = location(&browser.get("/peer/begin/").await);
    let back = peer.browse(&there, login);
    back.strip_prefix("https://api.example.com").expect("our callback").to_owned()
}
