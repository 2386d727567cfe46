//! What Apple tells of its users.

use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use crate::fixture::*;

on_every_database!(
    a_user_who_revokes_their_consent_is_logged_out_and_disconnected,
    what_does_not_come_from_apple_changes_nothing,
    a_notice_counts_once,
);

async fn start(backend: Backend) -> (Arc<Server>, OpenIdProvider, String) {
    let apple = OpenIdProvider::start().await;
    let config = json!({"socialaccount": {
        "allow_private_addresses": true,
        "providers": {"apple": {
            "client_id": CLIENT_ID,
            "certs_url": format!("{}/keys", apple.url()),
            "id_token_issuer": apple.url(),
        }},
    }});
    let server = empty_server(backend, merged(&config, &token_mode())).await;
    let form = json!({"id_token": apple.id_token(&json!({}))});
    let key = Client::new(&server).post("/apple/", &form).await.of(200).text("key");
    (server, apple, key)
}

fn events(kind: &str, sub: &str) -> Value {
    let events = json!({"type": kind, "sub": sub, "event_time": 1}).to_string();
    json!({"events": events, "sub": null, "exp": null, "email": null})
}

async fn notify(server: &Arc<Server>, payload: &str) -> Answer {
    Client::new(server).post("/apple/notifications/", &json!({"payload": payload})).await
}

async fn a_user_who_revokes_their_consent_is_logged_out_and_disconnected(backend: Backend) {
    let (server, apple, key) = start(backend).await;
    let mut client = Client::new(&server).with_token(&key);
    notify(&server, &apple.id_token(&events("email-disabled", "user-1"))).await.is(200);
    notify(&server, &apple.id_token(&events("consent-revoked", "nobody"))).await.is(200);
    client.get("/user/").await.is(200);
    notify(&server, &apple.id_token(&events("consent-revoked", "user-1"))).await.is(200);
    client.get("/user/").await.is(401);
    let found =
        server.auth().store().social_account::<rest_auth_flows::User>("apple", "user-1").await;
    assert!(found.expect("the database answers").is_none());
}

async fn what_does_not_come_from_apple_changes_nothing(backend: Backend) {
    let (server, apple, key) = start(backend).await;
    let other = OpenIdProvider::start().await;
    let mut foreign = events("consent-revoked", "user-1");
    foreign["iss"] = apple.url().into();
    let mut for_others = events("consent-revoked", "user-1");
    for_others["aud"] = "another-app".into();
    let mut old = events("consent-revoked", "user-1");
    old["iat"] = 1_600_000_000.into();
    for payload in [
        other.id_token(&foreign),
        apple.id_token(&for_others),
        apple.id_token(&old),
        "x".to_owned(),
    ] {
        notify(&server, &payload).await.says(400, "payload");
    }
    Client::new(&server).with_token(&key).get("/user/").await.is(200);
}

/// The user may have come back since: whoever recorded a notice must not be able to throw them out.
async fn a_notice_counts_once(backend: Backend) {
    let (server, apple, key) = start(backend).await;
    let notice = |id: &str| {
        let mut claims = events("consent-revoked", "user-1");
        claims["jti"] = id.into();
        apple.id_token(&claims)
    };
    let first = notice("notice-1");
    notify(&server, &first).await.is(200);
    Client::new(&server).with_token(&key).get("/user/").await.is(401);
    let back = json!({"jti": "2", "email": "other@example.org"});
    let form = json!({"id_token": apple.id_token(&back)});
    let key = Client::new(&server).post("/apple/", &form).await.of(200).text("key");
    let mut client = Client::new(&server).with_token(&key);
    // Also one that was signed anew for the same notice.
    for again in [first, notice("notice-1")] {
        notify(&server, &again).await.is(200);
        client.get("/user/").await.is(200);
    }
    assert_eq!(client.get("/socialaccounts/").await.document()[0]["uid"], "user-1");
    notify(&server, &notice("notice-2")).await.is(200);
    client.get("/user/").await.is(401);
}
