//! What a user has who has a passkey and is about to add another one.

use rest_auth_domain::encoding::from_base64url;
use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{SoftwareAuthenticator, SoftwareCeremony};
use rest_auth_tests::client::Client;
use serde_json::{Value, json};

/// The page of the configuration.
pub(crate) const ORIGIN: &str = "http://localhost:8000";

/// Answers to challenges that wait, as JSON, and what goes with them.
#[derive(Clone, Default)]
pub(crate) struct Passkeys {
    /// The id of the passkey.
    pub(crate) id: String,
    /// A new passkey.
    pub(crate) made: String,
    /// A login, and the name of its challenge.
    pub(crate) login: String,
    pub(crate) session_id: String,
    /// Of an authenticator app that is about to be set up.
    pub(crate) activation_token: String,
}

impl Passkeys {
    /// Adds a passkey and begins the rest.
    pub(crate) async fn of(client: &mut Client, password: &str) -> Self {
        let proof = json!({"current_password": password});
        let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        let made = begin(client, &mut device, &proof).await;
        let form = json!({"credential": made});
        let added = client.post("/passkeys/register/complete/", &form).await.of(201).document();
        let begun = client.post("/passkeys/login/begin/", &json!({})).await.of(200);
        let login = device.log_in(&SoftwareCeremony::of(ORIGIN, &begun.document()));
        let made =
            begin(client, &mut SoftwareAuthenticator::new(CoseAlgorithm::Es256), &proof).await;
        let app = client.get("/mfa/totp/activate/").await.of(200);
        Self {
            id: added["id"].to_string(),
            made: made.to_string(),
            login: login.to_string(),
            session_id: begun.text("session_id"),
            activation_token: app.text("activation_token"),
        }
    }
}

async fn begin(client: &mut Client, device: &mut SoftwareAuthenticator, proof: &Value) -> Value {
    let options = client.post("/passkeys/register/begin/", proof).await.of(200).document();
    let handle = options["user"]["id"].as_str().and_then(from_base64url).expect("a handle");
    device.register(&SoftwareCeremony::of(ORIGIN, &options), &handle)
}
