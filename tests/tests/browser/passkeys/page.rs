//! A page beside the API, with the JavaScript of `docs/passkeys.md`, and the server of both.

use std::path::Path;
use std::sync::Arc;

use axum::response::Html;
use axum::routing::get;
use rest_auth_store::Backend;
use rest_auth_tests::client::Client;
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

use crate::api::{api, listen};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// An application at an origin of its own.
pub(crate) struct Site {
    pub(crate) server: Arc<Server>,
    port: u16,
    /// Of the same pages at an origin that is not listed.
    other_port: u16,
}

impl Site {
    /// Starts one that knows Ada, whose pages at these hosts may use passkeys.
    pub(crate) async fn with_pages_at(hosts: &[&str], config: &Value) -> Self {
        let (listener, port) = listen().await;
        let (other_listener, other_port) = listen().await;
        let origins: Vec<_> = hosts.iter().map(|host| format!("http://{host}:{port}")).collect();
        let base = json!({
            "server": {
                "public_url": origins[0],
                "secret_key": "the key of the tests with a browser, which is long enough",
            },
            "auth": {"argon2_memory_kib": 64, "argon2_time_cost": 1},
            "rest_auth": {"session_login": false},
            "passkeys": {"rp_id": "localhost", "rp_name": "Example", "rp_origins": origins},
        });
        let server = Server::start(&merged(&base, config), Backend::Sqlite).await;
        let server = Arc::new(server.expect("the server starts"));
        let page = api(&server).route("/page", get(async || Html(page())));
        for (listener, page) in [(listener, page.clone()), (other_listener, page)] {
            tokio::spawn(async move { axum::serve(listener, page).await });
        }
        Self { server, port, other_port }
    }

    /// The same with pages at `localhost`.
    pub(crate) async fn with(config: &Value) -> Self {
        Self::with_pages_at(&["localhost"], config).await
    }

    /// The same, which knows Ada.
    pub(crate) async fn with_ada(config: &Value) -> Self {
        let site = Self::with(config).await;
        site.create(&json!({})).await;
        site
    }

    /// Makes the account of Ada.
    pub(crate) async fn create(&self, more: &Value) {
        let ada = json!({
            "username": "ada",
            "password": PASSWORD,
            "email": "ada@example.com",
            "email_verified": true,
        });
        self.server.create_user(merged(&ada, more)).await.expect("the user is created");
    }

    /// The address of the page at a host.
    pub(crate) fn page_at(&self, host: &str) -> String {
        format!("http://{host}:{}/page", self.port)
    }

    /// The same page at an origin that is not listed.
    pub(crate) fn other_page(&self) -> String {
        format!("http://localhost:{}/page", self.other_port)
    }

    /// Whom a token belongs to.
    pub(crate) async fn owner(&self, key: &Value) -> String {
        let key = key.as_str().expect("a token");
        let mut client = Client::new(&self.server).with_token(key);
        client.get("/api/auth/user/").await.of(200).text("username")
    }

    /// The only mail since the last call.
    pub(crate) async fn only_mail(&self) -> String {
        let mails = self.server.new_mails().await;
        let [mail] = mails.as_slice() else { panic!("{} mails in place of one", mails.len()) };
        String::from_utf8_lossy(mail).into_owned()
    }
}

/// All JavaScript of `docs/passkeys.md`, as a front end has it.
fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/passkeys.md");
    let text = std::fs::read_to_string(path).expect("the documentation");
    let parts = text.split("```js\n").skip(1).filter_map(|part| part.split("```").next());
    let script: Vec<_> = parts.collect();
    assert!(script.len() >= 5, "only {} pieces of JavaScript were found", script.len());
    format!(
        "<!doctype html><title>Example</title>
        <input id=name autocomplete=\"username webauthn\"><script>{}</script>",
        script.concat()
    )
}
