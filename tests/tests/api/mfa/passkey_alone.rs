//! A passkey as the only second factor: nothing that the thief of a password can do gets around it.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{SoftwareAuthenticator, SoftwareCeremony};

use super::*;
use crate::passkeys::{ORIGIN, add, begin, log_in, made, with_passkey};

on_every_database!(
    a_login_by_password_stops_for_the_passkey,
    recovery_codes_come_with_the_first_passkey,
    recovery_codes_go_with_the_last_factor,
    whoever_knows_the_password_sets_no_app_up,
    a_set_up_ends_with_a_passkey_that_was_added_meanwhile,
    passkeys_that_do_not_count_are_not_asked_for,
    an_allauth_passkey_counts_beside_those_of_dj_rest_auth,
);

/// What a login by Ada's password is answered.
async fn step(server: &Arc<Server>) -> Value {
    try_login(&mut Client::new(server), "ada", PASSWORD).await.of(200).document()
}

/// The server with other settings, on the same database.
async fn beside(server: &Arc<Server>, config: &Value) -> Arc<Server> {
    let config = merged(&merged(&base(), &token_mode()), config);
    let other = Server::start_beside(&config, server.database(), server.now()).await;
    Arc::new(other.expect("the server starts"))
}

async fn show(server: &Arc<Server>, token: &str, device: &mut SoftwareAuthenticator) -> Answer {
    let mut client = Client::new(server);
    let form = json!({"ephemeral_token": token});
    let options = client.post("/mfa/passkey/begin/", &form).await.of(200).document();
    let credential = device.log_in(&SoftwareCeremony::of(ORIGIN, &options));
    let form = json!({"ephemeral_token": token, "credential": credential});
    client.post("/mfa/verify/", &form).await
}

/// Adds a passkey, and returns the recovery codes that came with it.
async fn add_with_codes(client: &mut Client) -> (SoftwareAuthenticator, Vec<String>) {
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    let options = begin(client).await;
    let form = json!({"credential": made(&mut device, &options)});
    let added = client.post("/passkeys/register/complete/", &form).await.of(201);
    (device, texts(&added, "recovery_codes"))
}

async fn a_login_by_password_stops_for_the_passkey(backend: Backend) {
    let (server, _, mut device) = with_passkey(backend, json!({})).await;
    let step = step(&server).await;
    assert_eq!(step["methods"], json!(["recovery_code", "passkey"]), "{step}");
    assert_eq!((&step["key"], &step["mfa_setup_required"]), (&Value::Null, &Value::Null));
    let token = step["ephemeral_token"].as_str().expect("a token");
    verify(&mut Client::new(&server), token, "000000").await.says(400, "Invalid code.");
    let done = show(&server, token, &mut device).await.of(200);
    Client::new(&server).with_token(&done.text("key")).get("/user/").await.is(200);
    // By itself it is two factors.
    assert!(log_in(&server, &mut device).await.of(200).document()["key"].is_string());
}

async fn recovery_codes_come_with_the_first_passkey(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let (_, codes) = add_with_codes(&mut ada).await;
    assert_eq!(codes.len(), 10);
    let second = add(&mut ada, &mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa)).await;
    assert!(second.get("recovery_codes").is_none(), "{second}");
    let token = first_step(&server).await;
    verify(&mut Client::new(&server), &token, &codes[0]).await.is(200);
    let token = first_step(&server).await;
    verify(&mut Client::new(&server), &token, &codes[0]).await.says(400, "Invalid code.");
    // Those of an app are not replaced.
    let with_app = crate::fixture::server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&with_app).await;
    let (_, codes) = enroll(&with_app, &mut ada).await;
    let added = add(&mut ada, &mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa)).await;
    assert!(added.get("recovery_codes").is_none(), "{added}");
    let token = first_step(&with_app).await;
    verify(&mut Client::new(&with_app), &token, &codes[0]).await.is(200);
}

async fn recovery_codes_go_with_the_last_factor(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let (_, codes) = add_with_codes(&mut ada).await;
    let (_, newer) = enroll(&server, &mut ada).await;
    let remaining = async |ada: &mut Client| {
        let codes = ada.post("/mfa/recovery-codes/", &json!({})).await.of(200).document();
        codes["remaining"].as_i64()
    };
    // The app goes, and the codes stay for the passkey.
    let form = json!({"code": newer[0]});
    ada.post("/mfa/totp/deactivate/", &form).await.is(200);
    assert_eq!(remaining(&mut ada).await, Some(9));
    let token = first_step(&server).await;
    verify(&mut Client::new(&server), &token, &codes[0]).await.is(400);
    verify(&mut Client::new(&server), &token, &newer[1]).await.is(200);
    let id = ada.get("/passkeys/").await.document()[0]["id"].to_string();
    let proof = json!({"current_password": PASSWORD});
    ada.json("DELETE", &format!("/passkeys/{id}/"), &proof).await.is(204);
    assert_eq!(remaining(&mut ada).await, Some(0));
    logs_in_by_password(&server).await;
    // The next passkey brings new ones.
    assert_eq!(add_with_codes(&mut ada).await.1.len(), 10);
}

async fn whoever_knows_the_password_sets_no_app_up(backend: Backend) {
    let (server, _, mut device) = with_passkey(backend, json!({})).await;
    for counts in [true, false] {
        let config = json!({"mfa": {"required": "always"}, "passkeys": {"second_factor": counts}});
        let server = beside(&server, &config).await;
        let step = step(&server).await;
        assert_eq!(step["mfa_setup_required"], Value::Null, "{step}");
        assert!(step["methods"].as_array().expect("methods").contains(&json!("passkey")));
        let token = step["ephemeral_token"].as_str().expect("a token");
        let form = json!({"ephemeral_token": token});
        let refused = Client::new(&server).post("/mfa/setup/begin/", &form).await;
        refused.says(400, "Invalid or expired token.");
        show(&server, token, &mut device).await.is(200);
    }
}

async fn a_set_up_ends_with_a_passkey_that_was_added_meanwhile(backend: Backend) {
    let before = json!({"mfa": {"revoke_on_change": false}});
    let server = server(backend, merged(&token_mode(), &before)).await;
    let (mut ada, _) = token_client(&server).await;
    let required = json!({"mfa": {"required": "always", "revoke_on_change": false}});
    let strict = beside(&server, &required).await;
    let token = step(&strict).await["ephemeral_token"].as_str().expect("a token").to_owned();
    let form = json!({"ephemeral_token": token});
    let mut thief = Client::new(&strict);
    let begun = thief.post("/mfa/setup/begin/", &form).await.of(200);
    add(&mut ada, &mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa)).await;
    let form = json!({
        "ephemeral_token": token,
        "activation_token": begun.text("activation_token"),
        "code": code_of(&strict, &begun.text("secret"), 0),
    });
    thief.post("/mfa/setup/complete/", &form).await.says(400, "Invalid or expired token.");
}

async fn passkeys_that_do_not_count_are_not_asked_for(backend: Backend) {
    let config = json!({"passkeys": {"second_factor": false}});
    let (server, mut ada, _) = with_passkey(backend, config).await;
    logs_in_by_password(&server).await;
    let codes = ada.post("/mfa/recovery-codes/", &json!({})).await.of(200);
    assert_eq!(codes.document()["remaining"], 0);
}

async fn an_allauth_passkey_counts_beside_those_of_dj_rest_auth(backend: Backend) {
    let config = json!({"passkeys": {"storage": "allauth"}, "mfa": {"allauth_factors": false}});
    let (server, _, mut device) = with_passkey(backend, config).await;
    let step = step(&server).await;
    assert_eq!(step["methods"], json!(["recovery_code", "passkey"]), "{step}");
    let token = step["ephemeral_token"].as_str().expect("a token");
    show(&server, token, &mut device).await.is(200);
}
