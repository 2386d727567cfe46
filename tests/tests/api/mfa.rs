//! Second factors: who has one is asked for it on every way in, and a code works once.

mod allauth;
mod census;
pub(crate) mod claims;
mod deactivation;
mod every_way_in;
mod notices;
mod passkey;
mod passkey_alone;
mod providers;
mod races;
mod recovery_codes;
mod reset;
mod setup;
mod setup_passkey;
mod statements;
mod status;
mod storage;
mod totp;
mod trusted_browsers;
mod verify;

use rest_auth_domain::mfa::{TotpSecret, TotpShape};

use crate::fixture::*;

pub(crate) const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A server on which Ada has an authenticator app, and no limits but those of second factors.
pub(crate) async fn with_factor(backend: Backend, config: Value) -> Arc<Server> {
    let server = empty_server(backend, config).await;
    create(
        &server,
        json!({
            "username": "ada",
            "password": PASSWORD,
            "email": "ada@example.com",
            "email_verified": true,
            "totp_secret": SECRET,
        }),
    )
    .await;
    server
}

/// The code that an app shows some periods from now.
pub(crate) fn code_of(server: &Server, secret: &str, periods: i64) -> String {
    let secret = TotpSecret::parse(secret).expect("a secret");
    let shape = TotpShape::default();
    let now = shape.step(server.now()).expect("a time of our days");
    secret.code(now.checked_add_signed(periods).expect("a step"), shape)
}

/// The code that Ada's app shows.
pub(crate) fn code(server: &Server) -> String {
    code_of(server, SECRET, 0)
}

/// The token of the first step of a login.
pub(crate) async fn first_step(server: &Arc<Server>) -> String {
    let answer = try_login(&mut Client::new(server), "ada", PASSWORD).await.of(200);
    assert_eq!(answer.document()["mfa_required"], true, "{answer}");
    answer.text("ephemeral_token")
}

/// Ada's password is enough.
pub(crate) async fn logs_in_by_password(server: &Arc<Server>) {
    let answer = try_login(&mut Client::new(server), "ada", PASSWORD).await.of(200);
    assert!(answer.document()["key"].is_string(), "{answer}");
}

pub(crate) async fn verify(client: &mut Client, token: &str, code: &str) -> Answer {
    client.post("/mfa/verify/", &json!({"ephemeral_token": token, "code": code})).await
}

/// A client that is logged in with both factors, by the token of a login.
pub(crate) async fn logged_in(server: &Arc<Server>) -> Client {
    let token = first_step(server).await;
    let answer = verify(&mut Client::new(server), &token, &code(server)).await.of(200);
    Client::new(server).with_token(&answer.text("key"))
}

/// A new code a moment later, for those before it are used.
pub(crate) fn next_code(server: &Server) -> String {
    server.advance(Duration::from_secs(30));
    code(server)
}

/// Sets an app up for a client that is logged in, and returns its secret and the recovery codes.
pub(crate) async fn enroll(server: &Server, client: &mut Client) -> (String, Vec<String>) {
    let begun = client.get("/mfa/totp/activate/").await.of(200);
    let secret = begun.text("secret");
    let confirmation = json!({
        "activation_token": begun.text("activation_token"),
        "code": code_of(server, &secret, 0),
        "current_password": PASSWORD,
    });
    let done = client.post("/mfa/totp/activate/", &confirmation).await.of(200);
    (secret, texts(&done, "recovery_codes"))
}

pub(crate) fn texts(answer: &Answer, name: &str) -> Vec<String> {
    let document = answer.document();
    let list = document[name].as_array().unwrap_or_else(|| panic!("no {name}: {answer}"));
    list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}
