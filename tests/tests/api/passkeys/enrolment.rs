//! A user adds a passkey.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{Quirk, SoftwareAuthenticator};

use super::{ORIGIN, add, begin, django, handle, log_in, made, with_passkey};
use crate::fixture::*;
use crate::reauthentication::client_in;

on_every_database!(
    the_options_are_those_of_dj_rest_auth,
    the_strict_options_ask_for_more_and_tell_less,
    a_passkey_of_each_algorithm_is_added_told_and_logs_in,
    a_passkey_without_a_name_has_one,
    two_tabs_can_add_passkeys_at_once,
    another_login_of_the_user_completes_nothing,
    a_login_goes_on_with_what_it_began_after_a_refresh,
    the_challenge_of_another_user_or_a_used_one_is_none,
    a_challenge_ends,
    a_new_password_ends_what_was_begun,
    a_passkey_belongs_to_one_user,
    a_user_has_only_so_many,
    a_key_that_fits_every_signature_is_refused,
    a_stolen_login_adds_none,
    without_a_site_nothing_begins,
    strangers_add_none,
);

async fn the_options_are_those_of_dj_rest_auth(backend: Backend) {
    let server = server(backend, merged(&token_mode(), &django())).await;
    let (mut ada, _) = token_client(&server).await;
    let begun = ada.post("/passkeys/register/begin/", &json!({})).await.of(200);
    let text = String::from_utf8_lossy(begun.body()).into_owned();
    let options = begun.document();
    let id = ada.get("/user/").await.document()["pk"].to_string();
    assert_eq!(handle(&options), id.as_bytes());
    let challenge = options["challenge"].as_str().expect("a challenge");
    assert_eq!(challenge.len(), 86);
    let user = options["user"]["id"].as_str().expect("a handle");
    let expected = format!(
        r#"{{"rp":{{"name":"My App","id":"localhost"}},"user":{{"id":"{user}","name":"ada","displayName":"ada"}},"challenge":"{challenge}","pubKeyCredParams":[{{"type":"public-key","alg":-8}},{{"type":"public-key","alg":-7}},{{"type":"public-key","alg":-257}}],"timeout":300000,"excludeCredentials":[],"authenticatorSelection":{{"residentKey":"preferred","requireResidentKey":false,"userVerification":"preferred"}},"attestation":"none"}}"#
    );
    assert_eq!(text, expected);
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    let form = json!({"credential": made(&mut device, &options)});
    let added = ada.post("/passkeys/register/complete/", &form).await.of(201).document();
    let again = ada.post("/passkeys/register/begin/", &json!({"name": "x"})).await.of(200);
    let known = json!([{"id": added["credential_id"], "type": "public-key"}]);
    assert_eq!(again.document()["excludeCredentials"], known);
    ada.post("/passkeys/register/begin/", &json!({"name": ""})).await.says(400, "blank");
}

async fn the_strict_options_ask_for_more_and_tell_less(backend: Backend) {
    let server = server(backend, token_mode()).await;
    change(&server, "ada", json!({"first_name": "Ada", "last_name": "Lovelace"})).await;
    let (mut ada, _) = token_client(&server).await;
    let options = begin(&mut ada).await;
    assert_eq!(options["rp"], json!({"name": "localhost", "id": "localhost"}));
    assert_eq!(options["user"]["displayName"], "Ada Lovelace");
    assert_eq!(
        options["authenticatorSelection"],
        json!({"residentKey": "required", "requireResidentKey": true,
            "userVerification": "required"})
    );
    let (first, again) = (handle(&options), handle(&begin(&mut ada).await));
    assert_eq!((first.len(), &first), (32, &again));
}

async fn a_passkey_of_each_algorithm_is_added_told_and_logs_in(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    for algorithm in CoseAlgorithm::OFFERED {
        let mut device = SoftwareAuthenticator::new(algorithm);
        let added = add(&mut ada, &mut device).await;
        assert_eq!((&added["name"], &added["last_used_at"]), (&json!("Laptop"), &Value::Null));
        assert_eq!(added["transports"], json!(["internal", "hybrid"]));
        assert_eq!(added["discoverable"], true);
        let mail = mail_to(&server, "ada@example.com").await;
        assert!(mail.contains("passkey was added"), "{mail}");
        log_in(&server, &mut device).await.is(200);
    }
    for algorithm in [CoseAlgorithm::Es384, CoseAlgorithm::Es512, CoseAlgorithm::Ps256] {
        let options = begin(&mut ada).await;
        let form =
            json!({"credential": made(&mut SoftwareAuthenticator::new(algorithm), &options)});
        let refused = ada.post("/passkeys/register/complete/", &form).await;
        refused.says(400, "Registration verification failed.");
    }
    assert!(server.new_mails().await.is_empty());
}

async fn a_passkey_without_a_name_has_one(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let options = begin(&mut ada).await;
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::Es256).quirks(&[Quirk::NotTold]);
    let mut form = json!({"credential": made(&mut device, &options), "name": ""});
    ada.post("/passkeys/register/complete/", &form).await.says(400, "may not be blank");
    form["name"] = json!("x".repeat(256));
    ada.post("/passkeys/register/complete/", &form).await.says(400, "255 characters");
    form.as_object_mut().expect("an object").remove("name");
    let added = ada.post("/passkeys/register/complete/", &form).await.of(201).document();
    assert_eq!((&added["name"], &added["discoverable"]), (&json!("Passkey"), &json!(true)));
    ada.post("/passkeys/register/complete/", &json!({})).await.says(400, "required");
    let text = json!({"credential": "text"});
    ada.post("/passkeys/register/complete/", &text).await.says(400, "Invalid credential format.");
}

async fn two_tabs_can_add_passkeys_at_once(backend: Backend) {
    for mode in [token_mode(), session_mode()] {
        let server = server(backend, mode).await;
        let mut ada = client_in(&server).await;
        let (one, two) = (begin(&mut ada).await, begin(&mut ada).await);
        for options in [two, one] {
            let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
            let form = json!({"credential": made(&mut device, &options)});
            ada.post("/passkeys/register/complete/", &form).await.is(201);
        }
    }
}

async fn another_login_of_the_user_completes_nothing(backend: Backend) {
    let django_sessions =
        json!({"rest_auth": {"token_model": false}, "session": {"storage": "django"}});
    for mode in [token_mode(), session_mode(), jwt_mode(), django_sessions] {
        let server = server(backend, mode).await;
        let (mut ada, mut thief) = (client_in(&server).await, client_in(&server).await);
        let options = begin(&mut ada).await;
        let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        let form = json!({"credential": made(&mut device, &options)});
        let refused = thief.post("/passkeys/register/complete/", &form).await;
        refused.says(400, "Registration challenge has expired. Please start over.");
        ada.post("/passkeys/register/complete/", &form).await.is(201);
    }
}

async fn a_login_goes_on_with_what_it_began_after_a_refresh(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    let options = begin(&mut bearer(&server, &access)).await;
    let access = refresh(&server, &token).await.of(200).text("access");
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    let form = json!({"credential": made(&mut device, &options)});
    bearer(&server, &access).post("/passkeys/register/complete/", &form).await.is(201);
}

async fn the_challenge_of_another_user_or_a_used_one_is_none(backend: Backend) {
    let server = server(backend, token_mode()).await;
    create(
        &server,
        json!({"username": "bob", "password": PASSWORD, "email": "b@example.com",
        "email_verified": true}),
    )
    .await;
    let key = try_login(&mut Client::new(&server), "bob", PASSWORD).await.text("key");
    let mut bob = Client::new(&server).with_token(&key);
    let (mut ada, _) = token_client(&server).await;
    let options = begin(&mut ada).await;
    let form = json!({"credential": made(&mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa), &options)});
    let expired = "Registration challenge has expired. Please start over.";
    bob.post("/passkeys/register/complete/", &form).await.says(400, expired);
    ada.post("/passkeys/register/complete/", &form).await.is(201);
    ada.post("/passkeys/register/complete/", &form).await.says(400, expired);
    // The challenge of a login is none either.
    let login = super::begin_login(&server).await;
    let mut mixed = options.clone();
    mixed["challenge"] = login["challenge"].clone();
    let form =
        json!({"credential": made(&mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa), &mixed)});
    ada.post("/passkeys/register/complete/", &form).await.says(400, expired);
}

async fn a_challenge_ends(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let (one, two) = (begin(&mut ada).await, begin(&mut ada).await);
    let form = |options: &Value| json!({"credential": made(&mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa), options)});
    server.advance(just_before(MINUTE * 5));
    ada.post("/passkeys/register/complete/", &form(&one)).await.is(201);
    server.advance(SECOND);
    ada.post("/passkeys/register/complete/", &form(&two)).await.says(400, "expired");
}

async fn a_new_password_ends_what_was_begun(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let options = begin(&mut ada).await;
    let change = password_change(PASSWORD, NEW_PASSWORD);
    ada.post("/password/change/", &change).await.is(200);
    let form = json!({"credential": made(&mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa), &options)});
    ada.post("/passkeys/register/complete/", &form).await.says(400, "expired");
    let begin = json!({"current_password": NEW_PASSWORD});
    let options = ada.post("/passkeys/register/begin/", &begin).await.of(200).document();
    let form = json!({"credential": made(&mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa), &options)});
    ada.post("/passkeys/register/complete/", &form).await.is(201);
}

async fn a_passkey_belongs_to_one_user(backend: Backend) {
    let (server, mut ada, mut device) = with_passkey(backend, json!({})).await;
    create(
        &server,
        json!({"username": "bob", "password": PASSWORD, "email": "b@example.com",
        "email_verified": true}),
    )
    .await;
    let key = try_login(&mut Client::new(&server), "bob", PASSWORD).await.text("key");
    let mut bob = Client::new(&server).with_token(&key);
    for client in [&mut ada, &mut bob] {
        let options = begin(client).await;
        let form = json!({"credential": made(&mut device, &options)});
        let refused = client.post("/passkeys/register/complete/", &form).await;
        refused.says(400, "This credential is already registered.");
    }
}

async fn a_user_has_only_so_many(backend: Backend) {
    let config = merged(&token_mode(), &json!({"passkeys": {"max_passkeys": 2}}));
    let server = server(backend, config).await;
    let (mut ada, _) = token_client(&server).await;
    let begun = [begin(&mut ada).await, begin(&mut ada).await, begin(&mut ada).await];
    let mut added = Vec::new();
    for options in &begun {
        let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        let form = json!({"credential": made(&mut device, options)});
        added.push(ada.post("/passkeys/register/complete/", &form).await);
    }
    let words = "You cannot have more than 2 passkeys. Remove one first.";
    added.pop().expect("three answers").says(400, words);
    let again = json!({"current_password": PASSWORD});
    ada.post("/passkeys/register/begin/", &again).await.says(400, words);
    let first = added.remove(0).of(201).document();
    ada.json("DELETE", &format!("/passkeys/{}/", first["id"]), &again).await.is(204);
    add(&mut ada, &mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa)).await;
}

async fn a_key_that_fits_every_signature_is_refused(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa).quirks(&[Quirk::SmallOrder]);
    let options = begin(&mut ada).await;
    let form = json!({"credential": made(&mut device, &options)});
    let refused = ada.post("/passkeys/register/complete/", &form).await;
    refused.says(400, "Registration verification failed.");
}

async fn a_stolen_login_adds_none(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let path = "/passkeys/register/begin/";
    server.advance(STALE);
    asks_for_proof(ada.post(path, &json!({})).await, &["password"]);
    ada.post(path, &json!({"current_password": "wrong"})).await.says(400, "Incorrect password.");
    ada.post(path, &json!({"current_password": PASSWORD})).await.is(200);
    let (_, mut alone) = without_password(backend, token_mode()).await;
    asks_for_proof(alone.post(path, &json!({})).await, &["provider"]);
}

async fn without_a_site_nothing_begins(backend: Backend) {
    let classes = json!({"default_authentication_classes": ["token"]});
    let config =
        json!({"profile": "django", "apps": {"passkeys": true}, "rest_framework": classes});
    let server = server(backend, merged(&token_mode(), &config)).await;
    let (mut ada, _) = token_client(&server).await;
    let words = "Passkey RP settings (PASSKEY_RP_ID, PASSKEY_RP_NAME, PASSKEY_RP_ORIGINS) must be \
                 configured.";
    ada.post("/passkeys/register/begin/", &json!({})).await.says(400, words);
    ada.post("/passkeys/login/begin/", &json!({})).await.says(400, words);
}

async fn strangers_add_none(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut stranger = Client::new(&server);
    for path in ["/passkeys/register/begin/", "/passkeys/register/complete/"] {
        stranger.post(path, &json!({})).await.is(401);
    }
    for path in ["/passkeys/", "/passkeys/1/"] {
        stranger.get(path).await.is(401);
    }
    let config = json!({"apps": {"passkeys": false}});
    let without = crate::fixture::server(backend, merged(&token_mode(), &config)).await;
    Client::new(&without).post("/passkeys/login/begin/", &json!({})).await.is(404);
    assert_eq!(ORIGIN, "http://localhost:8000");
}
