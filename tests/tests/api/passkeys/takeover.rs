//! Passkeys that the Django packages have made.

use rest_auth_domain::encoding::hex;
use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::{Quirk, SoftwareAuthenticator, SoftwareCeremony};
use rest_auth_domain::webauthn::{allauth, user_handle};

use super::{ORIGIN, add, begin, django, log_in, made, name_of, with_passkey};
use crate::fixture::*;

on_every_database!(
    passkeys_of_dj_rest_auth_log_in,
    passkeys_of_allauth_log_in_by_their_handle,
    a_passkey_of_allauth_is_listed_named_and_removed,
    a_passkey_of_allauth_logs_its_owner_in_whoever_added_its_id,
    new_passkeys_go_where_the_configuration_says,
    a_row_of_allauth_holds_what_browsers_send,
);

/// The primary key of Ada.
async fn id(server: &Arc<Server>) -> i64 {
    let (mut ada, _) = token_client(server).await;
    ada.get("/user/").await.document()["pk"].as_i64().expect("an id")
}

/// Bytes in the SQL of a database.
fn literal(backend: Backend, bytes: &[u8]) -> String {
    match backend {
        Backend::Postgres => format!("'\\x{}'", hex(bytes)),
        _ => format!("X'{}'", hex(bytes)),
    }
}

/// Writes the row that dj-rest-auth writes for a device. It does not know the transports.
async fn row_of_dj_rest_auth(
    server: &Server,
    backend: Backend,
    user_id: i64,
    device: &SoftwareAuthenticator,
) {
    let (key_id, key) = (literal(backend, device.id()), literal(backend, &device.key().cose()));
    let row = format!(
        "INSERT INTO passkeys_webauthncredential (name, credential_id, public_key, sign_count, \
         transports, discoverable, created_at, user_id) VALUES \
         ('Old', {key_id}, {key}, 7, '[]', true, '2026-01-31 12:00:00', {user_id})"
    );
    server.database().execute(&row).await.expect("the row is written");
}

/// Makes a credential at allauth and writes the row that it keeps.
async fn row_of_allauth(server: &Server, user_id: i64, device: &mut SoftwareAuthenticator) {
    let asked = SoftwareCeremony::at(ORIGIN, "localhost", "YWxsYXV0aA");
    let said = device.register(&asked, &user_handle::allauth(user_id));
    let data = allauth::data("Old", &said).to_string();
    let row = format!(
        "INSERT INTO mfa_authenticator (type, data, user_id, created_at) VALUES \
         ('webauthn', '{data}', {user_id}, '2026-01-31 12:00:00')"
    );
    server.database().execute(&row).await.expect("the row is written");
}

async fn passkeys_of_dj_rest_auth_log_in(backend: Backend) {
    for config in [json!({}), django()] {
        let server = server(backend, merged(&token_mode(), &config)).await;
        let user_id = id(&server).await;
        for algorithm in CoseAlgorithm::OFFERED {
            let mut device = SoftwareAuthenticator::new(algorithm).counting_from(7);
            device.keep_handle(&user_handle::dj_rest_auth(user_id));
            row_of_dj_rest_auth(&server, backend, user_id, &device).await;
            let done = log_in(&server, &mut device).await.of(200);
            assert_eq!(name_of(&server, &done).await, "ada", "{algorithm:?}");
            let mut back = device.clone().counting_from(7);
            log_in(&server, &mut back).await.is(400);
            log_in(&server, &mut device).await.is(200);
            // What was learnt at the first use holds from then on.
            let mut moved = device.clone().quirks(&[Quirk::NotEligible]);
            log_in(&server, &mut moved).await.is(400);
        }
    }
}

async fn passkeys_of_allauth_log_in_by_their_handle(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let user_id = id(&server).await;
    let algorithms = [
        CoseAlgorithm::EdDsa,
        CoseAlgorithm::Es256,
        CoseAlgorithm::Rs256,
        CoseAlgorithm::Es384,
        CoseAlgorithm::Es512,
    ];
    for algorithm in algorithms {
        let mut device = SoftwareAuthenticator::new(algorithm);
        row_of_allauth(&server, user_id, &mut device).await;
        let mut nameless = device.clone().quirks(&[Quirk::NoHandle]);
        log_in(&server, &mut nameless).await.says(400, "Credential not found.");
        let done = log_in(&server, &mut device).await.of(200);
        assert_eq!(name_of(&server, &done).await, "ada", "{algorithm:?}");
        let mut copy = device.clone().counting_from(0);
        log_in(&server, &mut copy).await.is(400);
        // From its first use on it is found by itself.
        let mut nameless = device.clone().quirks(&[Quirk::NoHandle]);
        log_in(&server, &mut nameless).await.is(200);
    }
}

async fn a_passkey_of_allauth_is_listed_named_and_removed(backend: Backend) {
    let (server, mut ada, _) = with_passkey(backend, json!({})).await;
    let user_id = ada.get("/user/").await.document()["pk"].as_i64().expect("an id");
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::Es256);
    row_of_allauth(&server, user_id, &mut device).await;
    log_in(&server, &mut device).await.is(200);
    let listed = ada.get("/passkeys/").await.of(200).document();
    let old = listed.as_array().expect("a list").iter().find(|passkey| passkey["name"] == "Old");
    let old = old.expect("the passkey of allauth");
    assert!(old["created_at"].is_string() && old["last_used_at"].is_string(), "{old}");
    let path = format!("/passkeys/{}/", old["id"]);
    assert_eq!(ada.get(&path).await.of(200).document(), *old);
    ada.json("PATCH", &path, &json!({"name": "New"})).await.is(200);
    assert_eq!(ada.get(&path).await.document()["name"], "New");
    ada.json("DELETE", &path, &json!({"current_password": PASSWORD})).await.is(204);
    log_in(&server, &mut device).await.says(400, "Credential not found.");
    assert_eq!(ada.get("/passkeys/").await.document().as_array().map(Vec::len), Some(1));
}

/// Whoever knows the id of a credential cannot keep its owner from logging in.
async fn a_passkey_of_allauth_logs_its_owner_in_whoever_added_its_id(backend: Backend) {
    for config in [json!({}), django()] {
        let server = server(backend, merged(&token_mode(), &config)).await;
        let bob = json!({"username": "bob", "password": PASSWORD, "email": "b@example.com",
            "email_verified": true});
        create(&server, bob).await;
        let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        row_of_allauth(&server, id(&server).await, &mut device).await;
        let key = try_login(&mut Client::new(&server), "bob", PASSWORD).await.text("key");
        let mut bob = Client::new(&server).with_token(&key);
        let mut same = device.clone();
        let options = begin(&mut bob).await;
        let form = json!({"credential": made(&mut same, &options)});
        bob.post("/passkeys/register/complete/", &form).await.is(201);
        for _ in 0..2 {
            let done = log_in(&server, &mut device).await.of(200);
            assert_eq!(name_of(&server, &done).await, "ada");
        }
    }
}

async fn a_row_of_allauth_holds_what_browsers_send(backend: Backend) {
    let config = json!({"passkeys": {"storage": "allauth", "user_handle": "allauth"}});
    let server = server(backend, merged(&token_mode(), &config)).await;
    let (mut ada, _) = token_client(&server).await;
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    let options = begin(&mut ada).await;
    let mut credential = made(&mut device, &options);
    // PostgreSQL holds no such text, and MariaDB no such depth.
    credential["made up"] = json!("\0");
    let mut deep = json!([]);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    credential["clientExtensionResults"]["deep"] = deep;
    let form = json!({"credential": credential});
    let added = ada.post("/passkeys/register/complete/", &form).await.of(201).document();
    assert!(added["created_at"].is_string(), "{added}");
    log_in(&server, &mut device).await.is(200);
}

async fn new_passkeys_go_where_the_configuration_says(backend: Backend) {
    let config = json!({"passkeys": {"storage": "allauth", "user_handle": "allauth"}});
    let server = server(backend, merged(&token_mode(), &config)).await;
    let (mut ada, _) = token_client(&server).await;
    let user_id = id(&server).await;
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    add(&mut ada, &mut device).await;
    let rows = format!("UPDATE mfa_authenticator SET type = 'webauthn' WHERE user_id = {user_id}");
    server.database().execute(&rows).await.expect("the table is there");
    server.database().execute("DELETE FROM rest_auth_passkey").await.expect("the table is there");
    let store = server.auth().store();
    let passkeys = store.passkeys_of(user_id).await.expect("the database answers");
    let sources: Vec<_> = passkeys.iter().map(|passkey| passkey.key.source).collect();
    assert_eq!(sources, [rest_auth_store::PasskeySource::Allauth]);
    let done = log_in(&server, &mut device).await.of(200);
    assert_eq!(name_of(&server, &done).await, "ada");
}
