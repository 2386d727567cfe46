//! Factors in the table of django-allauth, beside those of dj-rest-auth.

use rest_auth_domain::mfa::allauth::{RecoveryShape, recovery_codes};
use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;
use rest_auth_flows::mfa::status;
use rest_auth_store::testing::TestDatabase;

use super::*;
use crate::passkeys::add;

on_every_database!(
    factors_that_do_not_count_stay,
    factors_that_count_go_with_the_others,
    recovery_codes_have_the_digits_of_the_project,
    it_is_told_when_factors_were_set_up_and_used,
    an_older_table_without_times_is_enough,
);

/// An app and recovery codes of Ada's, as allauth has written them.
async fn write_factors(server: &Server) {
    let id = ada(server).await.id;
    for (kind, data) in [("totp", json!({"secret": SECRET})), ("recovery_codes", paper())] {
        let row = format!(
            "INSERT INTO mfa_authenticator (type, data, user_id, created_at) \
             VALUES ('{kind}', '{data}', {id}, '2026-01-31 12:00:00')"
        );
        server.database().execute(&row).await.expect("the row is written");
    }
}

fn paper() -> Value {
    json!({"seed": "ab".repeat(20), "used_mask": 0})
}

async fn ada(server: &Server) -> rest_auth_flows::User {
    let user = server.auth().store().user_by_username::<rest_auth_flows::User>("ada").await;
    user.expect("the database answers").expect("Ada")
}

/// What Ada has in the table of allauth.
async fn kinds(server: &Server) -> Vec<&'static str> {
    let all = status::all(server.auth(), &ada(server).await).await.expect("the database answers");
    all.iter().filter(|factor| factor.app == "allauth").map(|factor| factor.kind).collect()
}

/// Sets an app up, renews the codes, and removes both, by what dj-rest-auth's table holds.
async fn set_up_and_remove(server: &Arc<Server>, client: &mut Client) {
    enroll(server, client).await;
    let form = json!({"current_password": PASSWORD});
    let new = client.post("/mfa/recovery-codes/regenerate/", &form).await.of(200);
    let code = &texts(&new, "codes")[0];
    client.post("/mfa/totp/deactivate/", &json!({"code": code})).await.is(200);
}

/// Django goes on asking for them at logins of its own.
async fn factors_that_do_not_count_stay(backend: Backend) {
    let django = json!({"profile": "django", "apps": {"mfa": true},
        "mfa": {"deactivate_with": ["totp", "recovery_code"]},
        "rest_framework": {"default_authentication_classes": ["token"]}});
    for config in [django, json!({"mfa": {"allauth_factors": false}})] {
        let server = server(backend, merged(&token_mode(), &config)).await;
        write_factors(&server).await;
        let (mut client, _) = token_client(&server).await;
        set_up_and_remove(&server, &mut client).await;
        assert_eq!(kinds(&server).await, ["totp", "recovery_codes"]);
        logs_in_by_password(&server).await;
    }
}

async fn factors_that_count_go_with_the_others(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut client, _) = token_client(&server).await;
    enroll(&server, &mut client).await;
    write_factors(&server).await;
    let form = json!({"current_password": PASSWORD});
    let new = client.post("/mfa/recovery-codes/regenerate/", &form).await.of(200);
    assert_eq!(kinds(&server).await, ["totp"]);
    let code = &texts(&new, "codes")[0];
    client.post("/mfa/totp/deactivate/", &json!({"code": code})).await.is(200);
    assert!(kinds(&server).await.is_empty());
    logs_in_by_password(&server).await;
}

async fn recovery_codes_have_the_digits_of_the_project(backend: Backend) {
    let django = json!({"profile": "django", "apps": {"mfa": true},
        "rest_framework": {"default_authentication_classes": ["token"]}});
    for profile in [json!({}), django] {
        let digits = json!({"mfa": {"allauth_factors": true, "recovery_code_digits": 12}});
        let config = merged(&merged(&token_mode(), &profile), &digits);
        let server = server(backend, config).await;
        write_factors(&server).await;
        let shape = RecoveryShape::new(10, 12).expect("a shape");
        let code = &recovery_codes(&paper(), shape)[4];
        assert_eq!(code.len(), 12);
        for status in [200, 400] {
            let token = first_step(&server).await;
            verify(&mut Client::new(&server), &token, code).await.is(status);
        }
    }
}

async fn it_is_told_when_factors_were_set_up_and_used(backend: Backend) {
    let server = server(backend, token_mode()).await;
    write_factors(&server).await;
    let mut client = logged_in(&server).await;
    let status = client.get("/mfa/status/").await.of(200).document();
    assert_eq!(status["created_at"], "2026-01-31T12:00:00Z");
    assert!(status["last_used_at"].is_string(), "{status}");
    let [app, codes] = [&status["factors"][0], &status["factors"][1]];
    assert_eq!((&app["type"], &codes["type"]), (&json!("totp"), &json!("recovery_codes")));
    assert_eq!(app["last_used_at"], status["last_used_at"]);
    assert_eq!(codes["created_at"], "2026-01-31T12:00:00Z");
    assert!(codes["last_used_at"].is_null(), "{status}");
}

async fn an_older_table_without_times_is_enough(backend: Backend) {
    let database = TestDatabase::fresh(backend).await.expect("a database");
    let server = Server::start_on(&merged(&base(), &token_mode()), database).await;
    let server = with_ada(Arc::new(server.expect("the server starts"))).await;
    write_factors(&server).await;
    for column in ["created_at", "last_used_at"] {
        let older = format!("ALTER TABLE mfa_authenticator DROP COLUMN {column}");
        server.database().execute(&older).await.expect("the table is changed");
    }
    let mut client = logged_in(&server).await;
    let status = client.get("/mfa/status/").await.of(200).document();
    assert_eq!(status["created_at"], Value::Null);
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    let passkey = add(&mut client, &mut device).await;
    let form = json!({"code": next_code(&server)});
    client.post("/mfa/totp/deactivate/", &form).await.is(200);
    let path = format!("/passkeys/{}/", passkey["id"]);
    client.json("DELETE", &path, &json!({"current_password": PASSWORD})).await.is(204);
    assert!(kinds(&server).await.is_empty());
}
