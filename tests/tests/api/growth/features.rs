//! The calls of each feature, on the tables that belong to it. They hold few rows here, so each
//! database is asked for the plan that it would make if it took every index it can.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;
use rest_auth_store::testing::{record, scans};

use crate::emails::{add, list, verify};
use crate::fixture::*;
use crate::registration::verification_key;
use crate::{mfa, passkeys, social};

on_every_database!(
    no_call_about_addresses_reads_a_whole_table,
    no_call_about_passwords_reads_a_whole_table,
    no_call_about_second_factors_reads_a_whole_table,
    no_call_about_passkeys_reads_a_whole_table,
    no_call_about_jwts_reads_a_whole_table,
    no_call_with_simplejwts_list_reads_a_whole_table,
    no_call_about_sessions_reads_a_whole_table,
    no_call_about_providers_reads_a_whole_table,
    no_deletion_reads_a_whole_table,
);

/// Holds the statements since [`record`] to their plans.
async fn nothing_reads_a_whole_table(server: &Server) {
    let (count, found) = scans(server.auth().store()).await.expect("plans can be read");
    assert!(count > 3, "{count} statements");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn with_password() -> Value {
    json!({"current_password": PASSWORD})
}

async fn no_call_about_addresses_reads_a_whole_table(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    record();
    add(&mut ada, "second@example.com").await.is(201);
    let key = verification_key(&mail_to(&server, "second@example.com").await);
    verify(&server, &key).await.is(200);
    verify(&server, &key).await.is(404);
    let second = format!("/emails/{}/", list(&mut ada).await[1]["id"]);
    ada.post(&format!("{second}resend/"), &json!({})).await.is(200);
    let choice = merged(&json!({"primary": true}), &with_password());
    ada.json("PATCH", &second, &choice).await.is(200);
    ada.json("DELETE", "/emails/1/", &with_password()).await.is(204);
    ada.json("DELETE", "/emails/999/", &with_password()).await.is(404);
    nothing_reads_a_whole_table(&server).await;
}

async fn no_call_about_passwords_reads_a_whole_table(backend: Backend) {
    for profile in ["strict", "django"] {
        let config = json!({
            "profile": profile,
            "rest_framework": {"default_authentication_classes": ["token"]},
        });
        let server = server(backend, merged(&token_mode(), &config)).await;
        let (mut ada, _) = token_client(&server).await;
        record();
        let link = reset_link(&server).await;
        confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
        confirm_reset(&server, &link, NEW_PASSWORD).await.is(400);
        confirm_reset(&server, &("zzzz".to_owned(), link.1), NEW_PASSWORD).await.is(400);
        try_login(&mut Client::new(&server), "ada", NEW_PASSWORD).await.is(200);
        ada.post("/logout/", &json!({})).await;
        nothing_reads_a_whole_table(&server).await;
    }
}

async fn no_call_about_second_factors_reads_a_whole_table(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    record();
    let (_, codes) = mfa::enroll(&server, &mut ada).await;
    let token = mfa::first_step(&server).await;
    mfa::verify(&mut Client::new(&server), &token, "000000").await.is(400);
    mfa::verify(&mut Client::new(&server), &token, &codes[0]).await.is(200);
    ada.get("/mfa/status/").await.is(200);
    ada.post("/mfa/recovery-codes/", &json!({})).await.is(200);
    let new = ada.post("/mfa/recovery-codes/regenerate/", &with_password()).await.of(200);
    let code = mfa::texts(&new, "codes").remove(0);
    ada.post("/mfa/totp/deactivate/", &json!({"code": code})).await.is(200);
    nothing_reads_a_whole_table(&server).await;
}

async fn no_call_about_passkeys_reads_a_whole_table(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let mut authenticator = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    record();
    let id = passkeys::add(&mut ada, &mut authenticator).await["id"].to_string();
    passkeys::log_in(&server, &mut authenticator).await.is(200);
    let path = format!("/passkeys/{id}/");
    ada.get(&path).await.is(200);
    ada.json("PATCH", &path, &json!({"name": "Phone"})).await.is(200);
    ada.json("DELETE", &path, &with_password()).await.is(204);
    ada.get("/passkeys/").await.is(200);
    nothing_reads_a_whole_table(&server).await;
}

async fn jwts(backend: Backend, config: &Value) {
    let server = server(backend, merged(&jwt_mode(), config)).await;
    record();
    let (access, token) = jwt_pair(&server).await;
    bearer(&server, &access).get("/user/").await.is(200);
    verify_token(&server, &access).await.is(200);
    let next = refresh(&server, &token).await.of(200).text("refresh");
    refresh(&server, &next).await.is(200);
    Client::new(&server).post("/logout/", &json!({"refresh": next})).await;
    refresh(&server, "nonsense").await.is(401);
    nothing_reads_a_whole_table(&server).await;
}

async fn no_call_about_jwts_reads_a_whole_table(backend: Backend) {
    jwts(backend, &json!({})).await;
}

async fn no_call_with_simplejwts_list_reads_a_whole_table(backend: Backend) {
    let config = json!({
        "profile": "django",
        "simple_jwt": {"rotate_refresh_tokens": true, "blacklist_after_rotation": true},
        "rest_framework": {"default_authentication_classes": ["jwt_cookie"]},
    });
    jwts(backend, &config).await;
}

async fn no_call_about_sessions_reads_a_whole_table(backend: Backend) {
    for profile in ["strict", "django"] {
        let config = json!({
            "profile": profile,
            "rest_framework": {"default_authentication_classes": ["session"]},
        });
        let server = server(backend, merged(&session_mode(), &config)).await;
        record();
        let (client, _) = login(&server).await;
        let mut browser = client.with_csrf();
        browser.get("/user/").await.is(200);
        browser.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await;
        browser.get("/user/").await;
        browser.post("/logout/", &json!({})).await;
        nothing_reads_a_whole_table(&server).await;
    }
}

async fn no_call_about_providers_reads_a_whole_table(backend: Backend) {
    let (server, provider) = social::start(backend, json!({})).await;
    let server = with_ada(server).await;
    let (mut ada, _) = token_client(&server).await;
    record();
    social::by_id_token(&server, &provider.id_token(&json!({}))).await.is(200);
    social::by_id_token(&server, &provider.id_token(&json!({"jti": "2"}))).await.is(200);
    let other = json!({"jti": "3", "sub": "user-2", "email": "other@example.org"});
    let form = json!({"id_token": provider.id_token(&other)});
    ada.post("/example/connect/", &form).await.is(200);
    let accounts = ada.get("/socialaccounts/").await.of(200).document();
    let path = format!("/socialaccounts/{}/disconnect/", accounts[0]["id"]);
    ada.post(&path, &json!({})).await.is(200);
    nothing_reads_a_whole_table(&server).await;
}

async fn no_deletion_reads_a_whole_table(backend: Backend) {
    let allowed = json!({"rest_auth": {"user_deletion": true}, "apps": {"token_blacklist": true}});
    let server = server(backend, merged(&token_mode(), &allowed)).await;
    for name in ["ada", "eve"] {
        if name == "eve" {
            create(&server, json!({"username": name, "password": PASSWORD})).await;
        }
        change(&server, name, json!({"is_superuser": true})).await;
    }
    let key = try_login(&mut Client::new(&server), "eve", PASSWORD).await.of(200).text("key");
    record();
    for (key, status) in [(token_client(&server).await.1, 204), (key, 403)] {
        let mut client = Client::new(&server).with_token(&key);
        client.json("DELETE", "/user/", &json!({"password": PASSWORD})).await.is(status);
    }
    nothing_reads_a_whole_table(&server).await;
}
