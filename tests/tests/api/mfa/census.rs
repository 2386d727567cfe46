//! What `rest-auth check` finds of second factors before a server takes a database over.

use rest_auth_domain::webauthn::testing::{SoftwareAuthenticator, SoftwareCeremony};
use rest_auth_domain::webauthn::{CoseAlgorithm, allauth, user_handle};
use rest_auth_flows::mfa::census::Census;
use rest_auth_flows::open::FactorKind;
use rest_auth_http::open::factor_census;
use rest_auth_tests::server::read;

use super::*;
use crate::passkeys::{ORIGIN, add};

on_every_database!(
    factors_are_counted_and_those_that_will_not_work_are_found,
    a_database_that_is_not_there_is_not_made,
);

/// What is found in the database of a server, with other settings.
async fn found(server: &Server, config: &Value) -> Option<Census> {
    let database = json!({"database": {"url": server.database().url()}});
    let config = merged(&merged(&merged(&base(), &token_mode()), &database), config);
    let settings = read(&config).expect("settings");
    factor_census(&settings).await.expect("the database answers")
}

async fn factors_are_counted_and_those_that_will_not_work_are_found(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let id = ada.get("/user/").await.document()["pk"].as_i64().expect("an id");
    enroll(&server, &mut ada).await;
    add(&mut ada, &mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa)).await;
    let asked = SoftwareCeremony::at(ORIGIN, "old.example", "YWxsYXV0aA");
    let made = SoftwareAuthenticator::new(CoseAlgorithm::Es256)
        .register(&asked, &user_handle::allauth(id));
    for (kind, data) in [
        ("webauthn", allauth::data("Key", &made)),
        ("webauthn", json!({})),
        ("recovery_codes", json!({})),
    ] {
        let row = format!(
            "INSERT INTO mfa_authenticator (type, data, user_id, created_at) VALUES \
             ('{kind}', '{data}', {id}, '2026-01-31 12:00:00')"
        );
        server.database().execute(&row).await.expect("the row is written");
    }
    let census = found(&server, &json!({})).await.expect("a database");
    let count = |app, kind| census.count(app, kind);
    assert_eq!(count("dj_rest_auth", FactorKind::Totp), 1);
    assert_eq!(count("dj_rest_auth", FactorKind::RecoveryCodes), 1);
    assert_eq!(count("dj_rest_auth", FactorKind::Passkey), 1);
    assert_eq!(count("allauth", FactorKind::Passkey), 2);
    assert_eq!((census.unreadable_secrets, census.unreadable_passkeys), (0, 1));
    assert_eq!(census.unreadable_codes, 0);
    assert_eq!(census.foreign_passkeys, 1);
    let moved = json!({
        "server": {"secret_key": "a key that has written none of the secrets in there"},
        "passkeys": {"rp_id": "old.example"},
    });
    let census = found(&server, &moved).await.expect("a database");
    assert_eq!((census.unreadable_secrets, census.foreign_passkeys), (1, 0));
    assert_eq!(census.unreadable_codes, 1);
    let former = ["the key of the API tests, which is long enough"];
    let fallbacks = json!({"server": {"secret_key_fallbacks": former}});
    let census = found(&server, &merged(&moved, &fallbacks)).await.expect("a database");
    assert_eq!((census.unreadable_secrets, census.unreadable_codes), (0, 0));
}

async fn a_database_that_is_not_there_is_not_made(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("accounts.db");
    let nowhere = json!({"database": {"url": format!("sqlite://{}", file.display())}});
    assert_eq!(found(&server, &nowhere).await, None);
    assert!(!file.exists());
}
