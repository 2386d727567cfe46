//! A Django project, and the server that has taken over its database.

use std::sync::Arc;

use rest_auth_domain::encoding::from_base64url;
use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{SoftwareAuthenticator, SoftwareCeremony};
use rest_auth_store::Backend;
use rest_auth_store::testing::TestDatabase;
use rest_auth_tests::client::{Answer, Client};
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

use crate::peer::{Peer, SECRET_KEY};

pub(crate) const ORIGIN: &str = "https://example.com";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// The primary keys of the users: allauth and dj-rest-auth write them differently.
const FIRST_ID: i64 = 40;

pub(crate) struct Project {
    pub(crate) peer: Peer,
    /// The server that is asked.
    pub(crate) server: Arc<Server>,
    /// The one that has taken over, to which the database belongs.
    first: Arc<Server>,
}

/// What is the same under every configuration.
fn base() -> Value {
    json!({
        "server": {"base_path": "/", "secret_key": SECRET_KEY},
        "auth": {"argon2_memory_kib": 64, "argon2_time_cost": 1, "pbkdf2_iterations": 1000},
        "account": {"rate_limits": false},
        "apps": {"mfa": true, "passkeys": true},
        "mfa": {"allauth_factors": true},
        "passkeys": {"rp_id": "example.com", "rp_name": "Example", "rp_origins": [ORIGIN]},
        "rest_auth": {"session_login": false},
        "rest_framework": {"default_authentication_classes": ["token"]},
    })
}

impl Project {
    /// A project with these users, which was taken over.
    pub(crate) async fn with(backend: Backend, users: &[&str]) -> Self {
        let database = TestDatabase::fresh(backend).await.expect("the environment has its URL");
        let mut peer = Peer::start(&database);
        peer.tell("migrate", json!({}));
        for (id, user) in (FIRST_ID..).zip(users) {
            peer.tell("user", json!({"id": id, "username": user, "password": PASSWORD}));
        }
        let server = Arc::new(Server::start_on(&base(), database).await.expect("a server"));
        Self { peer, server: Arc::clone(&server), first: server }
    }

    /// Asks a server with this configuration from now on.
    pub(crate) async fn under(&mut self, config: &Value) {
        let config = merged(&base(), config);
        let server = Server::start_beside(&config, self.first.database(), self.first.now()).await;
        self.server = Arc::new(server.expect("a server"));
    }

    /// A client of a user, who has no second factor.
    pub(crate) async fn client(&self, user: &str) -> Client {
        let form = json!({"username": user, "password": PASSWORD});
        let key = Client::new(&self.server).post("/login/", &form).await.of(200).text("key");
        Client::new(&self.server).with_token(&key)
    }

    /// Logs in here with a passkey.
    pub(crate) async fn log_in(&self, device: &mut SoftwareAuthenticator) -> Answer {
        let mut client = Client::new(&self.server);
        let options = client.post("/passkeys/login/begin/", &json!({})).await.of(200).document();
        let form = json!({
            "credential": device.log_in(&SoftwareCeremony::of(ORIGIN, &options)),
            "session_id": options["session_id"],
        });
        client.post("/passkeys/login/complete/", &form).await
    }

    /// Holds a login with a passkey to a user.
    pub(crate) async fn is_let_in(&self, device: &mut SoftwareAuthenticator, user: &str) {
        let answer = self.log_in(device).await.of(200);
        let mut client = Client::new(&self.server).with_token(&answer.text("key"));
        assert_eq!(client.get("/user/").await.of(200).text("username"), user);
    }

    /// Whom allauth logs in with a passkey, by its handle or as a second step.
    pub(crate) fn at_allauth(
        &mut self,
        device: &mut SoftwareAuthenticator,
        step: Option<&str>,
    ) -> Value {
        let options = self.peer.tell("allauth_begin", json!({"username": step}));
        let credential = device.log_in(&SoftwareCeremony::of(ORIGIN, &options));
        let said = json!({"credential": credential, "username": step});
        self.peer.tell("allauth_complete", said)["user"].take()
    }

    /// Whom `py_webauthn` logs in with a passkey, by the row of dj-rest-auth.
    pub(crate) fn at_py_webauthn(&mut self, device: &mut SoftwareAuthenticator) -> Value {
        let options = self.peer.tell("py_webauthn_begin", json!({}));
        let credential = device.log_in(&SoftwareCeremony::of(ORIGIN, &options));
        self.peer.tell("py_webauthn_complete", json!({"credential": credential}))["user"].take()
    }
}

/// Adds a passkey here.
pub(crate) async fn add(client: &mut Client, algorithm: CoseAlgorithm) -> SoftwareAuthenticator {
    let proof = json!({"current_password": PASSWORD});
    let options = client.post("/passkeys/register/begin/", &proof).await.of(200).document();
    let handle = options["user"]["id"].as_str().and_then(from_base64url).expect("a handle");
    let mut device = SoftwareAuthenticator::new(algorithm);
    let credential = device.register(&SoftwareCeremony::of(ORIGIN, &options), &handle);
    let form = json!({"credential": credential, "name": "Laptop"});
    client.post("/passkeys/register/complete/", &form).await.is(201);
    device
}
