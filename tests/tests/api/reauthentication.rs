//! What changes ways to log in needs a fresh proof.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rest_auth_domain::webauthn::testing::Quirk;

use crate::fixture::*;
use crate::mfa::{SECRET, code, code_of, first_step, logged_in, next_code, verify, with_factor};
use crate::passkeys;

on_every_database!(
    a_login_is_a_proof_for_five_minutes,
    a_login_is_no_proof_where_the_settings_say_so,
    a_login_is_a_proof_in_every_mode,
    the_password_is_a_proof_in_every_mode,
    a_password_in_the_header_has_no_login_that_keeps_a_proof,
    a_session_of_somebody_else_proves_nothing,
    a_wrong_password_is_none_and_is_limited,
    a_code_is_a_proof_once,
    a_recovery_code_is_a_proof_and_is_told,
    a_passkey_is_a_proof,
    the_passkey_of_another_user_or_another_purpose_is_none,
    a_proof_belongs_to_one_login,
    a_proof_by_passkey_is_completed_by_the_login_that_began_it,
    a_proof_ends_with_the_password,
    one_proof_at_a_time,
    who_has_nothing_of_their_own_logs_in_again,
    providers_are_connected_and_disconnected_with_a_fresh_proof,
    a_bearer_is_told_how_old_a_login_may_be,
    the_next_access_token_tells_of_the_proof,
    the_django_profile_has_none_of_it,
);

const PATH: &str = "/reauthenticate/";

/// Adds an address, which needs a fresh proof.
async fn change_something(client: &mut Client, number: u32) -> Answer {
    client.post("/emails/", &json!({"email": format!("new{number}@example.org")})).await
}

/// A server and a client of Ada whose login is no proof any more.
async fn stale(backend: Backend) -> (Arc<Server>, Client) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    server.advance(STALE);
    asks_for_proof(change_something(&mut ada, 0).await, &["password"]);
    (server, ada)
}

async fn a_login_is_a_proof_for_five_minutes(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let standing = ada.get(PATH).await.of(200).document();
    assert_eq!(standing["methods"], json!(["password"]));
    assert!(standing["reauthenticated_until"].is_string(), "{standing}");
    server.advance(just_before(STALE));
    change_something(&mut ada, 1).await.is(201);
    server.advance(SECOND);
    asks_for_proof(change_something(&mut ada, 2).await, &["password"]);
    let standing = ada.get(PATH).await.of(200).document();
    let expected = json!({"methods": ["password"], "reauthenticated_until": null});
    assert_eq!(standing, expected);
    Client::new(&server).get(PATH).await.is(401);
}

async fn a_login_is_no_proof_where_the_settings_say_so(backend: Backend) {
    let settings = json!({"account": {
        "login_counts_as_reauthentication": false,
        "reauthentication_timeout": "1m",
    }});
    let server = server(backend, merged(&token_mode(), &settings)).await;
    let (mut ada, _) = token_client(&server).await;
    asks_for_proof(change_something(&mut ada, 1).await, &["password"]);
    ada.post(PATH, &json!({"password": PASSWORD})).await.is(200);
    server.advance(just_before(MINUTE));
    change_something(&mut ada, 2).await.is(201);
    server.advance(SECOND);
    asks_for_proof(change_something(&mut ada, 3).await, &["password"]);
}

/// A client of Ada that shows the credential of a login, in the way of a mode.
pub(crate) async fn client_in(server: &Arc<Server>) -> Client {
    let (client, answer) = login(server).await;
    if answer.status() == 204 {
        return client.with_csrf();
    }
    let document = answer.document();
    match (&document["key"], &document["access"]) {
        (Value::String(key), _) => Client::new(server).with_token(key),
        (_, Value::String(access)) => Client::new(server).with_bearer(access),
        _ => panic!("no credential: {document}"),
    }
}

/// Every kind of credential, in the tables of ours and in Django's.
fn all_modes() -> [Value; 6] {
    let django_tokens = json!({"rest_auth": {"session_login": false, "token_storage": "django"}});
    let django_sessions =
        json!({"rest_auth": {"token_model": false}, "session": {"storage": "django"}});
    let plain_jwts = json!({"rest_auth": {"use_jwt": true, "session_login": false,
        "jwt_auth_httponly": false}, "simple_jwt": {"refresh_families": false,
        "access_token_lifetime": "1h"}});
    let long_jwts = merged(&jwt_mode(), &json!({"simple_jwt": {"access_token_lifetime": "1h"}}));
    [token_mode(), session_mode(), long_jwts, django_tokens, django_sessions, plain_jwts]
}

async fn a_login_is_a_proof_in_every_mode(backend: Backend) {
    for mode in all_modes() {
        let server = server(backend, mode.clone()).await;
        let mut ada = client_in(&server).await;
        server.advance(just_before(STALE));
        let standing = ada.get(PATH).await.of(200).document();
        assert!(standing["reauthenticated_until"].is_string(), "{mode}: {standing}");
        change_something(&mut ada, 1).await.is(201);
        server.advance(SECOND);
        asks_for_proof(change_something(&mut ada, 2).await, &["password"]);
        // A login anew is one, too.
        let mut again = client_in(&server).await;
        change_something(&mut again, 2).await.is(201);

        let off = json!({"account": {"login_counts_as_reauthentication": false}});
        let server = crate::fixture::server(backend, merged(&mode, &off)).await;
        let mut ada = client_in(&server).await;
        asks_for_proof(change_something(&mut ada, 1).await, &["password"]);
    }
}

/// A client that shows Ada's password in the header of every request.
fn by_basic(client: Client) -> Client {
    let credentials = STANDARD.encode(format!("ada:{PASSWORD}"));
    client.with("Authorization", &format!("Basic {credentials}"))
}

fn with_basic() -> Value {
    let classes = json!({"default_authentication_classes": ["basic", "session"]});
    merged(&session_mode(), &json!({"rest_framework": classes}))
}

async fn a_password_in_the_header_has_no_login_that_keeps_a_proof(backend: Backend) {
    let server = server(backend, with_basic()).await;
    let mut ada = by_basic(Client::new(&server));
    asks_for_proof(change_something(&mut ada, 1).await, &["password"]);
    let standing = ada.get(PATH).await.of(200).document();
    assert_eq!(standing, json!({"methods": ["password"], "reauthenticated_until": null}));
    let words = "no login that a proof could be kept with";
    ada.post(PATH, &json!({"password": PASSWORD})).await.says(400, words);
    ada.post("/reauthenticate/passkey/begin/", &json!({})).await.says(400, words);
    let with_password = json!({"email": "new@example.org", "current_password": PASSWORD});
    ada.post("/emails/", &with_password).await.is(201);
}

async fn a_session_of_somebody_else_proves_nothing(backend: Backend) {
    let server = server(backend, with_basic()).await;
    create(&server, json!({"username": "bob", "password": PASSWORD})).await;
    let mut bob = Client::new(&server);
    try_login(&mut bob, "bob", PASSWORD).await.is(204);
    let mut ada = by_basic(bob);
    assert_eq!(ada.get("/user/").await.of(200).text("username"), "ada");
    asks_for_proof(change_something(&mut ada, 1).await, &["password"]);
    ada.post(PATH, &json!({"password": PASSWORD})).await.says(400, "no login");
}

async fn the_password_is_a_proof_in_every_mode(backend: Backend) {
    for mode in all_modes() {
        let server = server(backend, mode.clone()).await;
        let mut ada = client_in(&server).await;
        server.advance(STALE);
        asks_for_proof(change_something(&mut ada, 1).await, &["password"]);
        let done = ada.post(PATH, &json!({"password": PASSWORD})).await.of(200).document();
        let standing = ada.get(PATH).await.of(200).document();
        assert_eq!(standing["reauthenticated_until"], done["reauthenticated_until"], "{mode}");
        change_something(&mut ada, 1).await.is(201);
        server.advance(STALE);
        asks_for_proof(change_something(&mut ada, 2).await, &["password"]);
    }
}

async fn a_wrong_password_is_none_and_is_limited(backend: Backend) {
    let (server, mut ada) = stale(backend).await;
    let guess = json!({"password": "a guess"});
    for _ in 0..10 {
        let refused = ada.post(PATH, &guess).await.of(400).document();
        assert_eq!(refused, json!({"password": ["Incorrect password."]}));
    }
    ada.post(PATH, &guess).await.is(429);
    ada.post(PATH, &json!({"password": PASSWORD})).await.is(429);
    asks_for_proof(change_something(&mut ada, 1).await, &["password"]);
    server.advance(MINUTE);
    ada.post(PATH, &json!({"password": PASSWORD})).await.is(200);
}

async fn a_code_is_a_proof_once(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let mut ada = logged_in(&server).await;
    server.advance(STALE);
    let methods = ["password", "totp", "recovery_code"];
    asks_for_proof(change_something(&mut ada, 1).await, &methods);
    ada.post(PATH, &json!({"code": "000000"})).await.says(400, "Invalid code.");
    let now = code(&server);
    ada.post(PATH, &json!({"code": now})).await.is(200);
    change_something(&mut ada, 1).await.is(201);
    ada.post(PATH, &json!({"code": now})).await.says(400, "Invalid code.");
    // Nor does it log in as well.
    let token = first_step(&server).await;
    verify(&mut Client::new(&server), &token, &now).await.says(400, "Invalid code.");
    server.advance(STALE);
    asks_for_proof(change_something(&mut ada, 2).await, &methods);
    assert_ne!(code_of(&server, SECRET, 0), now);
}

async fn a_recovery_code_is_a_proof_and_is_told(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let (_, codes) = crate::mfa::enroll(&server, &mut ada).await;
    server.new_mails().await;
    server.advance(STALE);
    ada.post(PATH, &json!({"code": codes[0]})).await.is(200);
    let mail = mail_to(&server, "ada@example.com").await;
    assert!(mail.contains("recovery code"), "{mail}");
    change_something(&mut ada, 1).await.is(201);
    ada.post(PATH, &json!({"code": codes[0]})).await.says(400, "Invalid code.");
}

async fn a_passkey_is_a_proof(backend: Backend) {
    let (server, mut ada, mut device) = passkeys::with_passkey(backend, json!({})).await;
    server.advance(STALE);
    asks_for_proof(change_something(&mut ada, 1).await, &["password", "recovery_code", "passkey"]);
    let begin = "/reauthenticate/passkey/begin/";
    let options = ada.post(begin, &json!({})).await.of(200).document();
    assert_eq!(options["allowCredentials"].as_array().map(Vec::len), Some(1));
    let mut unverified = device.clone().quirks(&[Quirk::NotVerified]);
    let refused = ada.post(PATH, &passkeys::answer(&mut unverified, &options)).await;
    refused.says(400, "Authentication verification failed.");
    let options = ada.post(begin, &json!({})).await.of(200).document();
    let shown = passkeys::answer(&mut device, &options);
    let missing = json!({"credential": shown["credential"]});
    ada.post(PATH, &missing).await.says(400, "required");
    ada.post(PATH, &shown).await.is(200);
    change_something(&mut ada, 1).await.is(201);
    ada.post(PATH, &shown).await.says(400, "challenge has expired");
}

async fn the_passkey_of_another_user_or_another_purpose_is_none(backend: Backend) {
    let (server, mut ada, mut device) = passkeys::with_passkey(backend, json!({})).await;
    create(&server, json!({"username": "bob", "password": PASSWORD})).await;
    let key = try_login(&mut Client::new(&server), "bob", PASSWORD).await.text("key");
    let mut bob = Client::new(&server).with_token(&key);
    let begin = "/reauthenticate/passkey/begin/";
    let options = bob.post(begin, &json!({})).await.of(200).document();
    let shown = passkeys::answer(&mut device, &options);
    ada.post(PATH, &shown).await.says(400, "challenge has expired");
    bob.post(PATH, &shown).await.says(400, "Credential not found.");
    let options = passkeys::begin_login(&server).await;
    let shown = passkeys::answer(&mut device, &options);
    ada.post(PATH, &shown).await.says(400, "challenge has expired");
    let options = ada.post(begin, &json!({})).await.of(200).document();
    let shown = passkeys::answer(&mut device, &options);
    passkeys::complete(&server, &shown).await.says(400, "challenge has expired");
}

async fn a_proof_belongs_to_one_login(backend: Backend) {
    let (server, mut ada) = stale(backend).await;
    let (mut thief, _) = token_client(&server).await;
    server.advance(STALE);
    ada.post(PATH, &json!({"password": PASSWORD})).await.is(200);
    asks_for_proof(change_something(&mut thief, 1).await, &["password"]);
    change_something(&mut ada, 1).await.is(201);
}

async fn a_proof_by_passkey_is_completed_by_the_login_that_began_it(backend: Backend) {
    let (server, mut ada, mut device) = passkeys::with_passkey(backend, json!({})).await;
    let begun = first_step(&server).await;
    let options = Client::new(&server)
        .post("/mfa/passkey/begin/", &json!({"ephemeral_token": begun}))
        .await
        .of(200);
    let credential = passkeys::answer(&mut device, &options.document())["credential"].clone();
    let form = json!({"ephemeral_token": begun, "credential": credential});
    let key = Client::new(&server).post("/mfa/verify/", &form).await.of(200).text("key");
    let mut thief = Client::new(&server).with_token(&key);
    server.advance(STALE);
    let options = ada.post("/reauthenticate/passkey/begin/", &json!({})).await.of(200).document();
    let shown = passkeys::answer(&mut device, &options);
    thief.post(PATH, &shown).await.says(400, "challenge has expired");
    ada.post(PATH, &shown).await.is(200);
}

async fn a_proof_ends_with_the_password(backend: Backend) {
    let config = merged(&session_mode(), &json!({"session": {"storage": "django"}}));
    let server = server(backend, config).await;
    let (ada, _) = login(&server).await;
    let mut ada = ada.with_csrf();
    server.advance(STALE);
    ada.post(PATH, &json!({"password": PASSWORD})).await.is(200);
    change(&server, "ada", json!({"password": NEW_PASSWORD})).await;
    change_something(&mut ada, 1).await.is(401);
}

async fn one_proof_at_a_time(backend: Backend) {
    let (_server, mut ada) = stale(backend).await;
    let missing = ada.post(PATH, &json!({})).await.of(400).document();
    assert_eq!(missing, json!({"password": ["This field is required."]}));
    let both = json!({"password": PASSWORD, "code": "123456"});
    ada.post(PATH, &both).await.says(400, "Send one proof");
}

async fn who_has_nothing_of_their_own_logs_in_again(backend: Backend) {
    let (_server, mut ada) = without_password(backend, token_mode()).await;
    let standing = ada.get(PATH).await.of(200).document();
    let expected = json!({"methods": ["provider"], "reauthenticated_until": null});
    assert_eq!(standing, expected);
    ada.post(PATH, &json!({"password": PASSWORD})).await.says(400, "Incorrect password.");
    asks_for_proof(change_something(&mut ada, 1).await, &["provider"]);
}

async fn providers_are_connected_and_disconnected_with_a_fresh_proof(backend: Backend) {
    let provider = json!({"socialaccount": {"providers": {"google": {
        "apps": [{"client_id": "ours", "secret": "a secret"}]}}}});
    let server = server(backend, merged(&token_mode(), &provider)).await;
    let (mut ada, _) = token_client(&server).await;
    server.advance(STALE);
    let form = json!({"code": "of a provider that nobody asks"});
    asks_for_proof(ada.post("/google/connect/", &form).await, &["password"]);
    let disconnect = ada.post("/socialaccounts/1/disconnect/", &json!({})).await;
    asks_for_proof(disconnect, &["password"]);
}

async fn a_bearer_is_told_how_old_a_login_may_be(backend: Backend) {
    let config = merged(&jwt_mode(), &json!({"simple_jwt": {"access_token_lifetime": "1h"}}));
    let server = server(backend, config).await;
    let (access, _) = jwt_pair(&server).await;
    let mut ada = bearer(&server, &access);
    server.advance(STALE);
    let refused = change_something(&mut ada, 1).await;
    let asked = "Bearer error=\"insufficient_user_authentication\", max_age=\"300\"";
    assert_eq!(refused.header("www-authenticate"), Some(asked));
    refused.is(403);
}

async fn the_next_access_token_tells_of_the_proof(backend: Backend) {
    let config = merged(&jwt_mode(), &json!({"simple_jwt": {"access_token_lifetime": "1h"}}));
    let server = with_factor(backend, config).await;
    let token = first_step(&server).await;
    let code = next_code(&server);
    let done = verify(&mut Client::new(&server), &token, &code).await.of(200);
    server.advance(STALE);
    let mut ada = bearer(&server, &done.text("access"));
    ada.post(PATH, &json!({"password": PASSWORD})).await.is(200);
    let proven_at = server.now().timestamp();
    server.advance(MINUTE);
    let renewed = refresh(&server, &done.text("refresh")).await.of(200);
    let expected = (json!(proven_at), json!(["pwd", "otp", "mfa"]), json!("aal2"));
    assert_eq!(crate::mfa::claims::said(&renewed.text("access")), expected);
    assert_eq!(crate::mfa::claims::said(&renewed.text("refresh")), expected);
}

async fn the_django_profile_has_none_of_it(backend: Backend) {
    let server = server(backend, merged(&token_mode(), &json!({"profile": "django"}))).await;
    let (mut ada, _) = token_client(&server).await;
    ada.get(PATH).await.is(404);
    ada.get("/sessions/").await.is(404);
}
