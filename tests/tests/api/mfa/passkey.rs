//! The second step of a login by a passkey.

use rest_auth_domain::webauthn::testing::{Quirk, SoftwareAuthenticator, SoftwareCeremony};
use rest_auth_domain::webauthn::{CoseAlgorithm, allauth, user_handle};
use tokio::task::JoinSet;

use super::*;
use crate::passkeys::{ORIGIN, add, begin_login};

on_every_database!(
    a_passkey_completes_a_login_by_password,
    a_passkey_whose_device_does_not_verify_is_one_factor,
    a_security_key_of_allauth_is_asked_for,
    a_challenge_belongs_to_one_login,
    passkeys_of_others_complete_nothing,
    failures_of_passkeys_do_not_eat_the_tries_of_codes,
    of_fifty_answers_one_completes_the_login,
    without_passkeys_codes_alone_are_told,
);

/// Ada has an app and a passkey.
async fn with_both(backend: Backend) -> (Arc<Server>, SoftwareAuthenticator) {
    with_both_and(backend, json!({})).await
}

async fn with_both_and(backend: Backend, config: Value) -> (Arc<Server>, SoftwareAuthenticator) {
    let server = with_factor(backend, merged(&token_mode(), &config)).await;
    let mut ada = logged_in(&server).await;
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    add(&mut ada, &mut device).await;
    server.advance(MINUTE);
    (server, device)
}

async fn begin(server: &Arc<Server>, token: &str) -> Value {
    let form = json!({"ephemeral_token": token});
    Client::new(server).post("/mfa/passkey/begin/", &form).await.of(200).document()
}

fn said(device: &mut SoftwareAuthenticator, options: &Value) -> Value {
    device.log_in(&SoftwareCeremony::of(ORIGIN, options))
}

async fn show(server: &Arc<Server>, token: &str, credential: &Value) -> Answer {
    let form = json!({"ephemeral_token": token, "credential": credential});
    Client::new(server).post("/mfa/verify/", &form).await
}

async fn a_passkey_completes_a_login_by_password(backend: Backend) {
    let (server, mut device) = with_both(backend).await;
    let step = try_login(&mut Client::new(&server), "ada", PASSWORD).await.of(200).document();
    assert!(step["methods"].as_array().expect("methods").contains(&json!("passkey")), "{step}");
    let token = step["ephemeral_token"].as_str().expect("a token").to_owned();
    let options = begin(&server, &token).await;
    assert_eq!(options["allowCredentials"].as_array().map(Vec::len), Some(1));
    assert_eq!(options["userVerification"], "preferred");
    assert!(options.get("session_id").is_none());
    // The device alone is enough now.
    let mut plain = device.clone().quirks(&[Quirk::NotVerified]);
    let done = show(&server, &token, &said(&mut plain, &options)).await.of(200);
    let mut ada = Client::new(&server).with_token(&done.text("key"));
    ada.get("/user/").await.is(200);
    let again = show(&server, &token, &said(&mut device, &options)).await;
    again.says(400, "Invalid or expired token.");
    let form = json!({"ephemeral_token": token});
    let missing = Client::new(&server).post("/mfa/verify/", &form).await.of(400).document();
    assert_eq!(missing, json!({"code": ["This field is required."]}));
}

async fn a_passkey_whose_device_does_not_verify_is_one_factor(backend: Backend) {
    let config = json!({"passkeys": {"user_verification": "preferred"}});
    let (server, device) = with_both_and(backend, config).await;
    let log_in = async |device: &mut SoftwareAuthenticator| {
        let options = begin_login(&server).await;
        let form = crate::passkeys::answer(device, &options);
        crate::passkeys::complete(&server, &form).await.of(200).document()
    };
    let mut plain = device.clone().quirks(&[Quirk::NotVerified, Quirk::NoCounter]);
    let step = log_in(&mut plain).await;
    assert_eq!(step["mfa_required"], true, "{step}");
    // Showing the same key twice is no second factor.
    assert!(!step["methods"].as_array().expect("methods").contains(&json!("passkey")), "{step}");
    let token = step["ephemeral_token"].as_str().expect("a token").to_owned();
    let form = json!({"ephemeral_token": token});
    let refused = Client::new(&server).post("/mfa/passkey/begin/", &form).await;
    refused.says(400, "Invalid or expired token.");
    verify(&mut Client::new(&server), &token, &code(&server)).await.is(200);
    let done = log_in(&mut device.clone().quirks(&[Quirk::NoCounter])).await;
    assert!(done["key"].is_string(), "{done}");
}

async fn a_security_key_of_allauth_is_asked_for(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let id = ada.get("/user/").await.document()["pk"].as_i64().expect("an id");
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::Es256);
    let asked = SoftwareCeremony::at(ORIGIN, "localhost", "YWxsYXV0aA");
    let data = allauth::data("Key", &device.register(&asked, &user_handle::allauth(id)));
    let row = format!(
        "INSERT INTO mfa_authenticator (type, data, user_id, created_at) VALUES \
         ('webauthn', '{data}', {id}, '2026-01-31 12:00:00')"
    );
    server.database().execute(&row).await.expect("the row is written");
    let step = try_login(&mut Client::new(&server), "ada", PASSWORD).await.of(200).document();
    assert_eq!(step["methods"], json!(["passkey"]), "{step}");
    let token = step["ephemeral_token"].as_str().expect("a token").to_owned();
    let options = begin(&server, &token).await;
    let mut key = device.quirks(&[Quirk::NotVerified, Quirk::NoHandle]);
    show(&server, &token, &said(&mut key, &options)).await.is(200);
}

async fn a_challenge_belongs_to_one_login(backend: Backend) {
    let (server, mut device) = with_both(backend).await;
    let (one, two) = (first_step(&server).await, first_step(&server).await);
    let (first, second) = (begin(&server, &one).await, begin(&server, &two).await);
    let expired = "Authentication challenge has expired.";
    let answer = said(&mut device, &first);
    show(&server, &two, &answer).await.says(400, expired);
    show(&server, &one, &answer).await.is(200);
    // A challenge of a login by passkey is none either.
    let options = begin_login(&server).await;
    show(&server, &two, &said(&mut device, &options)).await.says(400, expired);
    show(&server, &two, &said(&mut device, &second)).await.is(200);
    let form = json!({"ephemeral_token": "ra_mfa_unknown"});
    let refused = Client::new(&server).post("/mfa/passkey/begin/", &form).await;
    refused.says(400, "Invalid or expired token.");
}

async fn passkeys_of_others_complete_nothing(backend: Backend) {
    let (server, _) = with_both(backend).await;
    let bob = json!({"username": "bob", "password": PASSWORD, "email": "b@example.com",
        "email_verified": true});
    create(&server, bob).await;
    let key = try_login(&mut Client::new(&server), "bob", PASSWORD).await.text("key");
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    add(&mut Client::new(&server).with_token(&key), &mut device).await;
    let token = first_step(&server).await;
    let options = begin(&server, &token).await;
    let refused = show(&server, &token, &said(&mut device, &options)).await;
    refused.says(400, "Credential not found.");
}

async fn failures_of_passkeys_do_not_eat_the_tries_of_codes(backend: Backend) {
    let (server, device) = with_both(backend).await;
    let token = first_step(&server).await;
    for _ in 0..8 {
        let options = begin(&server, &token).await;
        let mut thief = device.clone().quirks(&[Quirk::OtherKey]);
        let refused = show(&server, &token, &said(&mut thief, &options)).await;
        refused.says(400, "Authentication verification failed.");
    }
    verify(&mut Client::new(&server), &token, &code(&server)).await.is(200);
}

async fn of_fifty_answers_one_completes_the_login(backend: Backend) {
    let (server, mut device) = with_both(backend).await;
    let token = first_step(&server).await;
    let options = begin(&server, &token).await;
    let answer = said(&mut device, &options);
    let mut requests = JoinSet::new();
    for _ in 0..50 {
        let (server, token, answer) = (server.clone(), token.clone(), answer.clone());
        requests.spawn(async move {
            loop {
                let done = show(&server, &token, &answer).await;
                if done.status() != 503 {
                    return done;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
    let answers = requests.join_all().await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 49), "{answers:?}");
}

async fn without_passkeys_codes_alone_are_told(backend: Backend) {
    let config = json!({"apps": {"passkeys": false}});
    let server = with_factor(backend, merged(&token_mode(), &config)).await;
    let step = try_login(&mut Client::new(&server), "ada", PASSWORD).await.of(200).document();
    assert_eq!(step["methods"][0], "totp", "{step}");
    let form = json!({"ephemeral_token": step["ephemeral_token"]});
    Client::new(&server).post("/mfa/passkey/begin/", &form).await.is(404);
}
