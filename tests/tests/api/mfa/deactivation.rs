//! A passkey removes the authenticator app, in place of a code.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{Quirk, SoftwareAuthenticator, SoftwareCeremony};

use super::*;
use crate::passkeys::{ORIGIN, add, begin_login};

on_every_database!(
    a_passkey_removes_the_app,
    what_a_passkey_answers_removes_one_app_of_its_owner,
    a_passkey_removes_nothing_where_it_is_not_listed,
);

const PATH: &str = "/mfa/totp/deactivate/";
const BEGIN: &str = "/mfa/totp/deactivate/passkey/begin/";

/// Ada, who is logged in and has an app and a passkey.
async fn with_both(
    backend: Backend,
    config: Value,
) -> (Arc<Server>, Client, SoftwareAuthenticator) {
    let server = with_factor(backend, merged(&token_mode(), &config)).await;
    let mut ada = logged_in(&server).await;
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    add(&mut ada, &mut device).await;
    (server, ada, device)
}

fn said(device: &mut SoftwareAuthenticator, options: &Value) -> Value {
    json!({"credential": device.log_in(&SoftwareCeremony::of(ORIGIN, options))})
}

async fn a_passkey_removes_the_app(backend: Backend) {
    let (server, mut ada, mut device) = with_both(backend, json!({})).await;
    server.new_mails().await;
    let options = ada.post(BEGIN, &json!({})).await.of(200).document();
    assert_eq!(options["allowCredentials"].as_array().map(Vec::len), Some(1));
    let form = said(&mut device, &options);
    let both = merged(&form, &json!({"code": "123456"}));
    ada.post(PATH, &both).await.says(400, "Send one proof");
    ada.post(PATH, &form).await.says(200, "TOTP has been deactivated.");
    ada.post(PATH, &form).await.says(400, "not enabled");
    assert!(mail_to(&server, "ada@example.com").await.contains("app was removed"));
    let status = ada.get("/mfa/status/").await.of(200).document();
    let kinds: Vec<_> = status["factors"].as_array().expect("factors").iter().collect();
    assert!(kinds.iter().all(|factor| factor["type"] != "totp"), "{status}");
    let token = first_step(&server).await;
    let form = json!({"ephemeral_token": token});
    Client::new(&server).post("/mfa/passkey/begin/", &form).await.is(200);
}

async fn what_a_passkey_answers_removes_one_app_of_its_owner(backend: Backend) {
    let (server, mut ada, mut device) = with_both(backend, json!({})).await;
    let expired = "Authentication challenge has expired. Please start over.";
    // The challenge of a login, and one that others have begun.
    let login = begin_login(&server).await;
    ada.post(PATH, &said(&mut device, &login)).await.says(400, expired);
    let bob = json!({"username": "bob", "password": PASSWORD, "email": "b@example.com",
        "email_verified": true});
    create(&server, bob).await;
    let key = try_login(&mut Client::new(&server), "bob", PASSWORD).await.text("key");
    let mut bob = Client::new(&server).with_token(&key);
    let mut theirs = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    add(&mut bob, &mut theirs).await;
    let foreign = bob.post(BEGIN, &json!({})).await.of(200).document();
    ada.post(PATH, &said(&mut device, &foreign)).await.says(400, expired);
    // One that another login of the same user has begun.
    next_code(&server);
    let mut other = logged_in(&server).await;
    let elsewhere = other.post(BEGIN, &json!({})).await.of(200).document();
    ada.post(PATH, &said(&mut device, &elsewhere)).await.says(400, expired);
    let own = ada.post(BEGIN, &json!({})).await.of(200).document();
    ada.post(PATH, &said(&mut theirs, &own)).await.says(400, "Credential not found.");
    // A challenge is used up by what fails.
    let form = said(&mut device, &own);
    ada.post(PATH, &form).await.says(400, expired);
    let own = ada.post(BEGIN, &json!({})).await.of(200).document();
    let mut thief = device.clone().quirks(&[Quirk::OtherKey]);
    let refused = ada.post(PATH, &said(&mut thief, &own)).await;
    refused.says(400, "Authentication verification failed.");
    ada.post(PATH, &json!({"credential": "text"})).await.says(400, "Invalid credential format.");
    let missing = ada.post(PATH, &json!({})).await.of(400).document();
    assert_eq!(missing, json!({"code": ["This field is required."]}));
    Client::new(&server).post(BEGIN, &json!({})).await.is(401);
    assert_eq!(ada.get("/mfa/status/").await.document()["factors"][0]["type"], "totp");
}

async fn a_passkey_removes_nothing_where_it_is_not_listed(backend: Backend) {
    let config = json!({"mfa": {"deactivate_with": ["totp"]}});
    let (server, mut ada, mut device) = with_both(backend, config).await;
    ada.post(BEGIN, &json!({})).await.is(404);
    let login = begin_login(&server).await;
    let form = said(&mut device, &login);
    ada.post(PATH, &form).await.says(400, "This field is required.");
    let form = json!({"code": next_code(&server)});
    ada.post(PATH, &form).await.is(200);
}
