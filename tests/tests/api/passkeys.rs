//! Passkeys: adding, using, naming and removing them.

mod enrolment;
mod login;
mod own;
mod refusals;
mod takeover;

use rest_auth_domain::encoding::from_base64url;
use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{SoftwareAuthenticator, SoftwareCeremony};

use crate::fixture::*;

/// The page of the default configuration.
pub(crate) const ORIGIN: &str = "http://localhost:8000";

/// Options for a new passkey.
pub(crate) async fn begin(client: &mut Client) -> Value {
    let form = json!({"current_password": PASSWORD});
    client.post("/passkeys/register/begin/", &form).await.of(200).document()
}

/// The handle in options for a new passkey.
pub(crate) fn handle(options: &Value) -> Vec<u8> {
    from_base64url(options["user"]["id"].as_str().expect("a handle")).expect("base64url")
}

/// What the browser says about a new passkey.
pub(crate) fn made(authenticator: &mut SoftwareAuthenticator, options: &Value) -> Value {
    authenticator.register(&SoftwareCeremony::of(ORIGIN, options), &handle(options))
}

/// Adds a passkey of a device to the user of a client.
pub(crate) async fn add(client: &mut Client, authenticator: &mut SoftwareAuthenticator) -> Value {
    let options = begin(client).await;
    let form = json!({"credential": made(authenticator, &options), "name": "Laptop"});
    client.post("/passkeys/register/complete/", &form).await.of(201).document()
}

/// Options for a login.
pub(crate) async fn begin_login(server: &Arc<Server>) -> Value {
    Client::new(server).post("/passkeys/login/begin/", &json!({})).await.of(200).document()
}

/// What a page sends to complete a login.
pub(crate) fn answer(authenticator: &mut SoftwareAuthenticator, options: &Value) -> Value {
    json!({
        "credential": authenticator.log_in(&SoftwareCeremony::of(ORIGIN, options)),
        "session_id": options["session_id"],
    })
}

/// Logs in with a passkey.
pub(crate) async fn log_in(
    server: &Arc<Server>,
    authenticator: &mut SoftwareAuthenticator,
) -> Answer {
    let options = begin_login(server).await;
    complete(server, &answer(authenticator, &options)).await
}

pub(crate) async fn complete(server: &Arc<Server>, form: &Value) -> Answer {
    Client::new(server).post("/passkeys/login/complete/", form).await
}

/// A server where Ada has a passkey, a client of Ada, and the device.
pub(crate) async fn with_passkey(
    backend: Backend,
    config: Value,
) -> (Arc<Server>, Client, SoftwareAuthenticator) {
    let server = server(backend, merged(&token_mode(), &config)).await;
    let (mut ada, _) = token_client(&server).await;
    let mut authenticator = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    add(&mut ada, &mut authenticator).await;
    server.new_mails().await;
    (server, ada, authenticator)
}

/// The settings of dj-rest-auth's defaults.
pub(crate) fn django() -> Value {
    json!({
        "profile": "django",
        "apps": {"passkeys": true},
        "rest_framework": {"default_authentication_classes": ["token"]},
        "passkeys": {"rp_id": "localhost", "rp_name": "My App", "rp_origins": [ORIGIN]},
    })
}

/// Whose token a login returned.
pub(crate) async fn name_of(server: &Arc<Server>, answer: &Answer) -> Value {
    let mut client = Client::new(server).with_token(&answer.text("key"));
    client.get("/user/").await.of(200).document()["username"].clone()
}
