//! `mfa/status/`: what there is.

use super::*;

on_every_database!(the_status_tells_what_there_is);

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
