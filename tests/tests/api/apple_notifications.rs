//! What Apple tells of its users.

use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use crate::fixture::*;

on_every_database!(
    a_user_who_revokes_their_consent_is_logged_out_and_comes_back_to_their_account,
    a_user_with_another_way_in_is_disconnected_and_told,
    an_account_that_is_deleted_at_apple_is_disconnected,
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

async fn is_connected(server: &Server) -> bool {
    let found =
        server.auth().store().social_account::<rest_auth_flows::User>("apple", "user-1").await;
    found.expect("the database answers").is_some()
}

async fn a_user_who_revokes_their_consent_is_logged_out_and_comes_back_to_their_account(
    backend: Backend,
) {
    let (server, apple, key) = start(backend).await;
    let mut client = Client::new(&server).with_token(&key);
    notify(&server, &apple.id_token(&events("email-disabled", "user-1"))).await.is(200);
    notify(&server, &apple.id_token(&events("consent-revoked", "nobody"))).await.is(200);
    let before = client.get("/user/").await.of(200).document();
    notify(&server, &apple.id_token(&events("consent-revoked", "user-1"))).await.is(200);
    client.get("/user/").await.is(401);
    // Nobody else has their address, and there is no password: this is their only way in.
    let form = json!({"id_token": apple.id_token(&json!({"jti": "back"}))});
    let key = Client::new(&server).post("/apple/", &form).await.of(200).text("key");
    let after = Client::new(&server).with_token(&key).get("/user/").await.of(200).document();
    assert_eq!(after, before);
}

async fn a_user_with_another_way_in_is_disconnected_and_told(backend: Backend) {
    let (server, apple, _) = start(backend).await;
    let ada = json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true, "social_accounts": [{"provider": "apple", "uid": "user-2"}]});
    create(&server, ada).await;
    let (mut client, _) = token_client(&server).await;
    server.new_mails().await;
    let payload = apple.id_token(&events("consent-revoked", "user-2"));
    let mut sender = Client::new(&server).with("User-Agent", "The-Program-Of-Apple/1.0");
    sender.post("/apple/notifications/", &json!({"payload": payload})).await.is(200);
    client.get("/user/").await.is(401);
    let (mut client, _) = token_client(&server).await;
    assert_eq!(client.get("/socialaccounts/").await.of(200).document(), json!([]));
    let mails = server.new_mails().await;
    let told = mails.iter().map(|mail| String::from_utf8_lossy(mail));
    let told: Vec<_> = told.filter(|mail| mail.contains("Apple")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(!told[0].contains("The-Program-Of-Apple"), "{}", told[0]);
}

async fn an_account_that_is_deleted_at_apple_is_disconnected(backend: Backend) {
    let (server, apple, key) = start(backend).await;
    assert!(is_connected(&server).await);
    notify(&server, &apple.id_token(&events("account-delete", "user-1"))).await.is(200);
    Client::new(&server).with_token(&key).get("/user/").await.is(401);
    assert!(!is_connected(&server).await);
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
    let mut over = events("consent-revoked", "user-1");
    over["exp"] = (server.now().timestamp() - 3_600).into();
    for payload in [
        other.id_token(&foreign),
        apple.id_token(&for_others),
        apple.id_token(&old),
        apple.id_token(&over),
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
