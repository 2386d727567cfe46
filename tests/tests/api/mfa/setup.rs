//! `mfa.required`: who has no second factor sets one up before the login is complete.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{Quirk, SoftwareAuthenticator};

use super::*;
use crate::passkeys::{answer, begin_login, complete, made, with_passkey};
use crate::social::by_id_token;

on_every_database!(
    a_login_without_a_factor_sets_one_up,
    a_registration_sets_one_up,
    staff_must_and_others_need_not,
    the_token_of_a_set_up_is_good_for_nothing_else,
    a_set_up_answers_in_every_mode,
    a_login_at_a_provider_sets_one_up,
    an_invitation_sets_one_up,
    a_security_key_is_a_factor_and_sets_none_up,
    who_removes_the_last_factor_sets_one_up_at_the_next_login,
);

pub(super) fn required(of: &str) -> Value {
    merged(&token_mode(), &json!({"mfa": {"required": of}}))
}

/// The first step of a login that needs a set-up.
pub(super) async fn waiting(server: &Arc<Server>, username: &str) -> String {
    let answer = try_login(&mut Client::new(server), username, PASSWORD).await.of(200);
    let document = answer.document();
    assert_eq!(
        (&document["mfa_required"], &document["mfa_setup_required"]),
        (&json!(true), &json!(true)),
        "{answer}"
    );
    answer.text("ephemeral_token")
}

/// Goes through a set-up, and returns its last answer with the secret.
async fn set_up(server: &Arc<Server>, client: &mut Client, token: &str) -> (Answer, String) {
    let begun = client.post("/mfa/setup/begin/", &json!({"ephemeral_token": token})).await.of(200);
    let secret = begun.text("secret");
    let form = |code: &str| {
        json!({"ephemeral_token": token, "code": code,
            "activation_token": begun.text("activation_token")})
    };
    client.post("/mfa/setup/complete/", &form("000000")).await.says(400, "Invalid code.");
    let right = form(&code_of(server, &secret, 0));
    let done = client.post("/mfa/setup/complete/", &right).await;
    let again = Client::new(server).post("/mfa/setup/complete/", &right).await;
    again.says(400, "Invalid or expired token.");
    (done, secret)
}

async fn a_login_without_a_factor_sets_one_up(backend: Backend) {
    let server = server(backend, required("always")).await;
    let token = waiting(&server, "ada").await;
    let (done, secret) = set_up(&server, &mut Client::new(&server), &token).await;
    let done = done.of(200);
    assert_eq!(texts(&done, "recovery_codes").len(), 10);
    Client::new(&server).with_token(&done.text("key")).get("/user/").await.is(200);
    let token = first_step(&server).await;
    server.advance(MINUTE);
    verify(&mut Client::new(&server), &token, &code_of(&server, &secret, 0)).await.is(200);
}

async fn a_registration_sets_one_up(backend: Backend) {
    let config = json!({"account": {"email_verification": "optional"}});
    let server = empty_server(backend, merged(&required("always"), &config)).await;
    let form = json!({"username": "ada", "email": "ada@example.com", "password1": PASSWORD,
        "password2": PASSWORD});
    let answer = Client::new(&server).post("/registration/", &form).await.of(201);
    let token = answer.text("ephemeral_token");
    assert_eq!(answer.document()["mfa_setup_required"], true);
    let (done, _) = set_up(&server, &mut Client::new(&server), &token).await;
    assert!(done.of(200).text("key").starts_with("ra_"));
}

async fn staff_must_and_others_need_not(backend: Backend) {
    let server = server(backend, required("staff")).await;
    create(&server, json!({"username": "eve", "password": PASSWORD, "is_staff": true})).await;
    logs_in_by_password(&server).await;
    waiting(&server, "eve").await;
}

async fn the_token_of_a_set_up_is_good_for_nothing_else(backend: Backend) {
    let server = server(backend, required("always")).await;
    let token = waiting(&server, "ada").await;
    let refused = verify(&mut Client::new(&server), &token, "000000").await.of(400).document();
    assert_eq!(refused, json!({"ephemeral_token": ["Invalid or expired token."]}));
    Client::new(&server).with_token(&token).get("/user/").await.is(401);
    let with = with_factor(backend, required("always")).await;
    let token = first_step(&with).await;
    let form = json!({"ephemeral_token": token});
    let begin = Client::new(&with).post("/mfa/setup/begin/", &form).await;
    begin.says(400, "Invalid or expired token.");
}

async fn a_set_up_answers_in_every_mode(backend: Backend) {
    let required = json!({"mfa": {"required": "always"}});
    for mode in [jwt_mode(), jwt_cookie_mode(), session_mode()] {
        let server = server(backend, merged(&mode, &required)).await;
        let token = waiting(&server, "ada").await;
        let mut client = Client::new(&server);
        let (done, _) = set_up(&server, &mut client, &token).await;
        let done = done.of(200);
        assert_eq!(texts(&done, "recovery_codes").len(), 10);
        let mut client = match done.document()["access"].as_str() {
            Some(access) if client.cookies.is_empty() => bearer(&server, access),
            _ => client,
        };
        client.get("/user/").await.is(200);
    }
}

async fn a_login_at_a_provider_sets_one_up(backend: Backend) {
    let (server, provider) = crate::social::start(backend, required("always")).await;
    // The account is made by this login, and found by the next one.
    for number in ["first", "second"] {
        let token = provider.id_token(&json!({"jti": number}));
        let step = by_id_token(&server, &token).await.of(200);
        assert_eq!(step.document()["mfa_setup_required"], true, "{step}");
        let token = step.text("ephemeral_token");
        if number == "second" {
            let (done, _) = set_up(&server, &mut Client::new(&server), &token).await;
            let mut grace = Client::new(&server).with_token(&done.of(200).text("key"));
            assert_eq!(grace.get("/user/").await.of(200).text("username"), "grace");
        }
    }
    let again = by_id_token(&server, &provider.id_token(&json!({"jti": "third"}))).await.of(200);
    assert_eq!(again.document()["mfa_setup_required"], Value::Null, "{again}");
}

async fn an_invitation_sets_one_up(backend: Backend) {
    let config = json!({"account": {"email_verification": "optional"},
        "rest_auth": {"register": "invite"}});
    let server = empty_server(backend, merged(&required("always"), &config)).await;
    let form = json!({"username": "ada", "email": "ada@example.com", "password1": PASSWORD,
        "password2": PASSWORD, "invitation_code": crate::invitations::code(&server).await});
    let answer = Client::new(&server).post("/registration/", &form).await.of(201);
    assert_eq!(answer.document()["mfa_setup_required"], true, "{answer}");
    let token = answer.text("ephemeral_token");
    let (done, _) = set_up(&server, &mut Client::new(&server), &token).await;
    Client::new(&server).with_token(&done.of(200).text("key")).get("/user/").await.is(200);
}

async fn a_security_key_is_a_factor_and_sets_none_up(backend: Backend) {
    let config = json!({"mfa": {"required": "always"}, "passkeys": {
        "user_verification": "preferred"}});
    let before = json!({"passkeys": {"user_verification": "preferred"}});
    let (server, _, device) = with_passkey(backend, before).await;
    let config = merged(&merged(&base(), &token_mode()), &config);
    let strict = Server::start_beside(&config, server.database(), server.now()).await;
    let strict = Arc::new(strict.expect("the server starts"));
    let mut plain = device.quirks(&[Quirk::NotVerified]);
    let options = begin_login(&strict).await;
    let step = complete(&strict, &answer(&mut plain, &options)).await.of(200).document();
    assert_eq!(step["mfa_setup_required"], Value::Null, "{step}");
    assert_eq!(step["methods"], json!(["recovery_code"]), "the key is what was shown: {step}");
    let form = json!({"ephemeral_token": step["ephemeral_token"]});
    let refused = Client::new(&strict).post("/mfa/setup/begin/", &form).await;
    refused.says(400, "Invalid or expired token.");
}

async fn who_removes_the_last_factor_sets_one_up_at_the_next_login(backend: Backend) {
    let server = server(backend, required("always")).await;
    let token = waiting(&server, "ada").await;
    let (done, secret) = set_up(&server, &mut Client::new(&server), &token).await;
    let mut ada = Client::new(&server).with_token(&done.of(200).text("key"));
    server.advance(MINUTE);
    let code = json!({"code": code_of(&server, &secret, 0)});
    ada.post("/mfa/totp/deactivate/", &code).await.is(200);
    // Who has a new phone goes on, and sets it up.
    ada.get("/user/").await.is(200);
    waiting(&server, "ada").await;
    let (secret, _) = enroll(&server, &mut ada).await;
    server.advance(MINUTE);
    let token = first_step(&server).await;
    let code = code_of(&server, &secret, 0);
    verify(&mut Client::new(&server), &token, &code).await.is(200);
    // The same with a passkey.
    ada.post("/mfa/totp/deactivate/", &json!({"code": code_of(&server, &secret, 1)})).await.is(200);
    let token = waiting(&server, "ada").await;
    let form = json!({"ephemeral_token": token});
    let mut client = Client::new(&server);
    let options = client.post("/mfa/setup/passkey/begin/", &form).await.of(200).document();
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    let form = json!({"ephemeral_token": token, "credential": made(&mut device, &options)});
    let done = client.post("/mfa/setup/passkey/complete/", &form).await.of(200);
    let mut ada = Client::new(&server).with_token(&done.text("key"));
    let passkey = ada.get("/passkeys/").await.of(200).document()[0]["id"].clone();
    let form = json!({"current_password": PASSWORD});
    ada.json("DELETE", &format!("/passkeys/{passkey}/"), &form).await.is(204);
    ada.get("/user/").await.is(200);
    waiting(&server, "ada").await;
}
