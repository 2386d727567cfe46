//! A server, a page at another origin, a provider, and a browser that goes between them.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use rest_auth_store::Backend;
use rest_auth_tests::browser::Browser;
use rest_auth_tests::client::Client;
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::openid_peer::Peer;
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

use crate::api::{api, listen};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A host whose pages are of the server's site: only the port is another.
pub(crate) const SAME_SITE: &str = "localhost";

/// A host of another site.
pub(crate) const OTHER_SITE: &str = "app.localhost";

/// All of them.
pub(crate) struct Stage {
    pub(crate) server: Arc<Server>,
    browser: Browser,
    front: String,
    _peer: Peer,
}

impl Stage {
    /// Starts them, with the page of the front end at a host.
    pub(crate) async fn start(host: &str, config: &Value) -> Self {
        let (listening, api_port) = listen().await;
        let (page, page_port) = listen().await;
        let (origin, front) =
            (format!("http://localhost:{api_port}"), format!("http://{host}:{page_port}"));
        let mut peer = Peer::start("REST_AUTH_TEST_OPENID");
        let callback = format!("{origin}/api/auth/peer/callback/");
        peer.tell("callback", json!({"address": callback}));
        let base = json!({
            "server": {
                "public_url": origin,
                "secret_key": "the key of the tests with a browser, which is long enough",
            },
            "auth": {"argon2_memory_kib": 64, "argon2_time_cost": 1},
            "cors": {"allowed_origins": [front], "allow_credentials": true},
            "csrf": {"trusted_origins": [front]},
            "socialaccount": {
                "allow_private_addresses": true,
                // The clock of the server stands still.
                "id_token_leeway": 600,
                "redirect_url": format!("{front}/done"),
                "providers": {"peer": {
                    "server_url": peer.url(), "client_id": "our-app", "secret": "our-secret",
                }},
            },
        });
        let server = Server::start(&merged(&base, config), Backend::Sqlite).await;
        let server = Arc::new(server.expect("the server starts"));
        let text = text(&format!("{origin}/api/auth"));
        let pages = Router::new().fallback(async || Html(text));
        let answers = api(&server);
        tokio::spawn(async move { axum::serve(listening, answers).await });
        tokio::spawn(async move { axum::serve(page, pages).await });
        Self { server, browser: Browser::start(), front, _peer: peer }
    }

    /// Makes an account.
    pub(crate) async fn create(&self, name: &str, more: &Value) {
        let user = json!({"username": name, "password": PASSWORD,
            "email": format!("{name}@example.com"), "email_verified": true});
        self.server.create_user(merged(&user, more)).await.expect("the user is created");
    }

    /// Opens the page of the front end.
    pub(crate) fn opens(&self) {
        self.browser.open(&self.front);
    }

    /// Runs what makes the browser leave the page of the front end.
    pub(crate) fn leave(&self, script: &str) {
        self.opens();
        self.browser.run(&format!("setTimeout(() => {script}, 0)"), &[]);
    }

    /// Logs in at the provider and consents.
    pub(crate) fn says_yes(&self, login: &str) {
        self.browser.fill("input[name=login]", login);
        self.browser.fill("input[name=password]", "x");
        self.browser.click("button[type=submit]");
        self.browser.click("form:has(input[value=consent]) button[type=submit]");
    }

    /// Refuses at the provider.
    pub(crate) fn says_no(&self) {
        self.browser.click("a[href$='/abort']");
    }

    /// Waits until the browser is back: the query that it comes with.
    pub(crate) fn arrives(&self) -> String {
        let done = format!("{}/done", self.front);
        let url = self.browser.arrives_at(&done);
        url.strip_prefix(&done).unwrap_or_default().to_owned()
    }

    /// What a call of the page gives: `done` or `refused`.
    pub(crate) fn call(&self, call: &str) -> Value {
        let script = format!(
            "return (async () => {call})().then(
                (done) => ({{done: done ?? null}}),
                (refused) => ({{refused: refused instanceof Error ? String(refused) : refused}}))"
        );
        self.browser.run(&script, &[])
    }

    /// Who the cookies of the browser say that it is; null: nobody.
    pub(crate) fn user(&self) -> Value {
        let script = "return fetch(API + '/user/', {credentials: 'include'}).then(
            async (answer) => answer.ok ? (await answer.json()).username : null)";
        self.browser.run(script, &[])
    }

    /// Whom a token belongs to.
    pub(crate) async fn owner(&self, key: &Value) -> String {
        let key = key.as_str().unwrap_or_else(|| panic!("no token: {key}"));
        let mut client = Client::new(&self.server).with_token(key);
        client.get("/api/auth/user/").await.of(200).text("username")
    }
}

/// All JavaScript of `docs/social-login.md`, as a page of a front end has it.
fn text(api: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/social-login.md");
    let text = std::fs::read_to_string(path).expect("the documentation");
    let parts = text.split("```js\n").skip(1).filter_map(|part| part.split("```").next());
    let script: Vec<_> = parts.collect();
    assert_eq!(script.len(), 2, "pieces of JavaScript");
    let script = script.concat().replace("export ", "");
    let script = script.replace("https://api.example.com/api/auth", api);
    format!("<!doctype html><title>Example</title><script>{script}</script>")
}
