//! A server, somebody who is logged in, and somebody whose secrets nobody may learn.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use rest_auth_store::Backend;
use rest_auth_tests::client::{Answer, Client};
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::server::Server;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::passkeys::{ORIGIN, Passkeys};

/// What somebody who is logged in can show.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) token: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) csrf: String,
    /// Of links in mails that were not followed yet; codes, where mails carry those.
    pub(crate) uid: String,
    pub(crate) reset_token: String,
    pub(crate) key: String,
    /// The id of an address that is not verified.
    pub(crate) address: String,
    pub(crate) passkeys: Passkeys,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What is secret of these.
    all: Vec<String>,
}

/// A server for many requests.
pub(crate) struct Fixture {
    runtime: Runtime,
    server: Arc<Server>,
    bystander: Secrets,
    current: RefCell<Secrets>,
    count: Cell<u32>,
}

impl Fixture {
    pub(crate) fn new(config: &Value) -> Self {
        let base = json!({
            "server": {
                "base_path": "/",
                "secret_key": "the key of the hostile requests, which is long enough",
            },
            "auth": {
                "argon2_memory_kib": 64,
                "argon2_time_cost": 1,
                "pbkdf2_iterations": 1000,
                "hashing_max_wait": "60s",
            },
            // The key of an address that was only added is mailed to strangers who ask for it.
            "account": {"rate_limits": false, "identify_by_proven_email": false},
            "rest_auth": {"user_deletion": true},
            "apps": {"mfa": true, "passkeys": true},
            "passkeys": {"rp_id": "localhost", "rp_name": "Example", "rp_origins": [ORIGIN]},
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let config = merged(&base, config);
        let starting = Server::start(&config, Backend::Sqlite);
        let server = Arc::new(runtime.block_on(starting).expect("the server starts"));
        let bystander = runtime.block_on(newcomer(&server, "bystander"));
        let current = RefCell::default();
        Self { runtime, server, bystander, current, count: Cell::new(0) }
    }

    pub(crate) fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.runtime.block_on(self.server.answer_to_anything(request))
    }

    /// What lets somebody in at this moment: requests before may have ended what did.
    pub(crate) fn live_secrets(&self) -> Secrets {
        let secrets = self.current.borrow().clone();
        if self.runtime.block_on(is_let_in(&self.server, &secrets)) {
            return secrets;
        }
        self.count.set(self.count.get() + 1);
        let name = format!("ada{}", self.count.get());
        let fresh = self.runtime.block_on(newcomer(&self.server, &name));
        self.current.replace(fresh.clone());
        fresh
    }

    pub(crate) fn secrets_of_others(&self) -> impl Iterator<Item = &str> {
        // Anybody may add an address to their own account, and the requests try this one.
        let is_said = |secret: &&str| *secret != "bystander@example.com";
        self.bystander.all.iter().map(String::as_str).filter(is_said)
    }
}

async fn is_let_in(server: &Arc<Server>, secrets: &Secrets) -> bool {
    if secrets.username.is_empty() {
        return false;
    }
    let mut client = Client::new(server);
    client.cookies = secrets.cookies.clone();
    if !secrets.token.is_empty() {
        client = client.with_token(&secrets.token);
    }
    let answer = client.get("/user/").await;
    answer.status() == 200 && answer.text("username") == secrets.username
}

/// Makes a user and logs it in.
async fn newcomer(server: &Arc<Server>, name: &str) -> Secrets {
    let email = format!("{name}@example.com");
    let password = format!("the pass phrase of {name}");
    let user = json!({
        "username": name,
        "password": password,
        "email": email,
        "email_verified": true,
        "extra_emails": [{"email": format!("{name}@example.org")}],
    });
    server.create_user(user).await.expect("the user is created");
    let mut client = Client::new(server);
    let credentials = json!({"username": name, "password": password});
    let answer = client.post("/login/", &credentials).await;
    assert!(answer.status() < 300, "{answer}");
    let csrf = client.get("/csrf/").await.header("X-CSRFToken").map(str::to_owned);
    let csrf = csrf.or_else(|| client.cookies.get("csrftoken").cloned()).unwrap_or_default();
    let mut client = client.with("X-CSRFToken", &csrf);
    let token = text(&answer, "key");
    if !token.is_empty() {
        client = client.with_token(&token);
    }
    let passkeys = Passkeys::of(&mut client, &password).await;
    server.new_mails().await;
    let mut stranger = Client::new(server);
    stranger.post("/password/reset/", &json!({"email": email})).await.is(200);
    let (uid, reset_token) = link(server, "/confirm/").await;
    let other = json!({"email": format!("{name}@example.org")});
    stranger.post("/registration/resend-email/", &other).await.is(200);
    let (_, key) = link(server, "/account-confirm-email/").await;
    let addresses = client.get("/emails/").await;
    let addresses: Value = serde_json::from_slice(addresses.body()).unwrap_or_default();
    let text = |field| text(&answer, field);
    let secrets = Secrets {
        csrf,
        uid,
        reset_token,
        key: key.replace("%3A", ":"),
        address: addresses[1]["id"].to_string(),
        passkeys,
        username: name.to_owned(),
        email: email.clone(),
        token: text("key"),
        access: text("access"),
        refresh: text("refresh"),
        cookies: client.cookies,
        all: Vec::new(),
        password,
    };
    let all = all_of(&secrets);
    Secrets { all, ..secrets }
}

/// Every text that an answer must not show to others.
fn all_of(secrets: &Secrets) -> Vec<String> {
    let cookies = secrets.cookies.values().cloned();
    let texts = [
        &secrets.token,
        &secrets.access,
        &secrets.refresh,
        &secrets.password,
        &secrets.csrf,
        &secrets.reset_token,
        &secrets.key,
        &secrets.passkeys.session_id,
        &secrets.passkeys.activation_token,
        &secrets.email,
    ];
    let all = cookies.chain(texts.into_iter().filter(|text| !text.is_empty()).cloned());
    all.collect()
}

fn text(answer: &Answer, field: &str) -> String {
    let document: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    document.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The last two parts of the link in the newest mail; where mails carry codes, nothing and the code.
async fn link(server: &Server, path: &str) -> (String, String) {
    let mails = server.new_mails().await;
    let mail = String::from_utf8_lossy(mails.last().expect("a mail"));
    let mail = mail.replace("=\r\n", "").replace("=3D", "=");
    let link = mail.split_whitespace().find(|word| word.contains(path));
    let Some(link) = link.map(|link| link.trim_end_matches('/')) else {
        let is_code = |word: &&str| word.split('-').map(str::len).eq([4, 4]);
        let code = mail.split_whitespace().find(is_code);
        let code = code.unwrap_or_else(|| panic!("neither link nor code in {mail}"));
        return (String::new(), code.to_owned());
    };
    let mut parts = link.rsplit('/').map(str::to_owned);
    let last = parts.next().unwrap_or_default();
    (parts.next().unwrap_or_default(), last)
}
