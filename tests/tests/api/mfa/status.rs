//! `mfa/status/`: what there is.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;

use super::*;
use crate::passkeys::add;

on_every_database!(the_status_tells_what_there_is, passkeys_are_told_by_id_and_name);

async fn the_status_tells_what_there_is(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    let none = ada.get("/mfa/status/").await.of(200);
    assert_eq!(
        none.document(),
        json!({"mfa_enabled": false, "created_at": null, "last_used_at": null, "factors": []})
    );
    enroll(&server, &mut ada).await;
    let status = ada.get("/mfa/status/").await.of(200).document();
    let kinds: Vec<_> = status["factors"].as_array().expect("factors").iter().collect();
    assert_eq!((&kinds[0]["type"], &kinds[1]["type"]), (&json!("totp"), &json!("recovery_codes")));
    assert_eq!((&status["mfa_enabled"], &kinds[1]["remaining"]), (&json!(true), &json!(10)));
    assert!(status["created_at"].is_string() && status["last_used_at"].is_null(), "{status}");
}

async fn passkeys_are_told_by_id_and_name(backend: Backend) {
    for storage in ["dj_rest_auth", "allauth"] {
        let config = json!({"passkeys": {"storage": storage}});
        let server = server(backend, merged(&token_mode(), &config)).await;
        let (mut ada, _) = token_client(&server).await;
        let added = add(&mut ada, &mut SoftwareAuthenticator::new(CoseAlgorithm::EdDsa)).await;
        let status = ada.get("/mfa/status/").await.of(200).document();
        assert_eq!(status["mfa_enabled"], true);
        let factors = status["factors"].as_array().expect("factors");
        let passkey = factors.iter().find(|factor| factor["type"] == "passkey").expect("a passkey");
        assert_eq!((&passkey["id"], &passkey["name"]), (&added["id"], &json!("Laptop")));
        if storage == "dj_rest_auth" {
            assert_eq!(status["created_at"], passkey["created_at"]);
            assert!(status["created_at"].is_string(), "{status}");
        }
    }
}
