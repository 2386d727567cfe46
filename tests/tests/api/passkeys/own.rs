//! The passkeys of the user who is logged in.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;

use super::{add, log_in, with_passkey};
use crate::fixture::*;

on_every_database!(
    passkeys_are_listed_the_newest_first,
    a_passkey_is_renamed,
    a_passkey_is_removed_and_told_and_logs_in_no_more,
    passkeys_of_others_do_not_exist,
    a_deleted_user_leaves_none,
    the_endpoints_describe_themselves,
);

async fn passkeys_are_listed_the_newest_first(backend: Backend) {
    let (server, mut ada, _) = with_passkey(backend, json!({})).await;
    server.advance(SECOND);
    let second = add(&mut ada, &mut SoftwareAuthenticator::new(CoseAlgorithm::Es256)).await;
    let listed = ada.get("/passkeys/").await.of(200).document();
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    assert_eq!(listed[0], second);
    let keys: Vec<_> = second.as_object().expect("an object").keys().cloned().collect();
    let expected =
        ["id", "name", "credential_id", "created_at", "last_used_at", "transports", "discoverable"];
    assert_eq!(keys, expected);
    assert_eq!(ada.get(&format!("/passkeys/{}/", second["id"])).await.of(200).document(), second);
}

async fn a_passkey_is_renamed(backend: Backend) {
    let (_, mut ada, _) = with_passkey(backend, json!({})).await;
    let id = ada.get("/passkeys/").await.document()[0]["id"].to_string();
    let path = format!("/passkeys/{id}/");
    for method in ["PUT", "PATCH"] {
        let named = ada.json(method, &path, &json!({"name": method})).await.of(200);
        assert_eq!(named.document(), json!({"name": method}));
        assert_eq!(ada.get(&path).await.document()["name"], method);
        ada.json(method, &path, &json!({"name": ""})).await.says(400, "blank");
        ada.json(method, &path, &json!({"name": "x".repeat(256)})).await.says(400, "255");
    }
    ada.json("PUT", &path, &json!({})).await.says(400, "required");
    let same = ada.json("PATCH", &path, &json!({})).await.of(200).document();
    assert_eq!(same, json!({"name": "PATCH"}));
}

async fn a_passkey_is_removed_and_told_and_logs_in_no_more(backend: Backend) {
    let (server, mut ada, mut device) = with_passkey(backend, json!({})).await;
    let id = ada.get("/passkeys/").await.document()[0]["id"].to_string();
    let path = format!("/passkeys/{id}/");
    server.advance(STALE);
    let methods = ["password", "recovery_code", "passkey"];
    asks_for_proof(ada.json("DELETE", &path, &json!({})).await, &methods);
    let proof = json!({"current_password": PASSWORD});
    ada.json("DELETE", &path, &proof).await.is(204);
    let mail = mail_to(&server, "ada@example.com").await;
    assert!(mail.contains("passkey was removed"), "{mail}");
    ada.json("DELETE", &path, &proof).await.is(404);
    log_in(&server, &mut device).await.says(400, "Credential not found.");
    assert_eq!(ada.get("/passkeys/").await.document(), json!([]));
}

async fn passkeys_of_others_do_not_exist(backend: Backend) {
    let (server, mut ada, _) = with_passkey(backend, json!({})).await;
    create(
        &server,
        json!({"username": "bob", "password": PASSWORD, "email": "b@example.com",
        "email_verified": true}),
    )
    .await;
    let key = try_login(&mut Client::new(&server), "bob", PASSWORD).await.text("key");
    let mut bob = Client::new(&server).with_token(&key);
    let id = ada.get("/passkeys/").await.document()[0]["id"].as_i64().expect("an id");
    let words = "No WebAuthnCredential matches the given query.";
    for id in [id, id + 1, i64::MAX] {
        let path = format!("/passkeys/{id}/");
        bob.get(&path).await.says(404, words);
        bob.json("PATCH", &path, &json!({"name": "mine"})).await.says(404, words);
        bob.json("DELETE", &path, &json!({"current_password": PASSWORD})).await.says(404, words);
    }
    assert_eq!(bob.get("/passkeys/").await.document(), json!([]));
    assert_eq!(ada.get("/passkeys/").await.document()[0]["name"], "Laptop");
}

async fn a_deleted_user_leaves_none(backend: Backend) {
    let (server, _, mut device) = with_passkey(backend, json!({})).await;
    let gone = json!({"username": "ada", "delete": true});
    server.change_user(gone).await.expect("the user is deleted");
    log_in(&server, &mut device).await.says(400, "Credential not found.");
}

async fn the_endpoints_describe_themselves(backend: Backend) {
    let (_, mut ada, _) = with_passkey(backend, json!({})).await;
    for (path, allow) in [
        ("/passkeys/", "GET, HEAD, OPTIONS"),
        ("/passkeys/1/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("/passkeys/register/begin", "POST, OPTIONS"),
        ("/passkeys/login/complete/", "POST, OPTIONS"),
    ] {
        let described = ada.json("OPTIONS", path, &json!({})).await.of(200);
        assert_eq!(described.header("allow"), Some(allow), "{path}");
    }
}
