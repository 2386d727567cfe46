//! The accounts at providers that a user has connected.

use crate::fixture::*;
use crate::social::{by_id_token, start};

on_every_database!(
    a_connected_account_is_listed_and_logs_in_until_it_is_disconnected,
    the_only_way_in_is_not_disconnected,
    the_accounts_of_others_are_not_there,
);

async fn ada(server: &Arc<Server>) -> Client {
    create(
        server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true}),
    )
    .await;
    token_client(server).await.0
}

async fn a_connected_account_is_listed_and_logs_in_until_it_is_disconnected(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let mut ada = ada(&server).await;
    let form = json!({"id_token": provider.id_token(&json!({}))});
    ada.post("/example/connect/", &form).await.is(200);
    let connected = mail_to(&server, "ada@example.com").await;
    assert!(connected.contains("Example"), "{connected}");
    let accounts = ada.get("/socialaccounts/").await.of(200).document();
    assert_eq!(
        (&accounts[0]["provider"], &accounts[0]["uid"]),
        (&json!("example"), &json!("user-1"))
    );
    let key =
        by_id_token(&server, &provider.id_token(&json!({"jti": "2"}))).await.of(200).text("key");
    let user = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_eq!(user["username"], "ada");
    let path = format!("/socialaccounts/{}/disconnect/", accounts[0]["id"]);
    assert_eq!(ada.post(&path, &json!({})).await.of(200).document(), json!({}));
    let disconnected = mail_to(&server, "ada@example.com").await;
    assert!(disconnected.contains("Example"), "{disconnected}");
    ada.post(&path, &json!({})).await.is(404);
    assert_eq!(ada.get("/socialaccounts/").await.document(), json!([]));
}

async fn the_only_way_in_is_not_disconnected(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let key = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).text("key");
    let mut client = Client::new(&server).with_token(&key);
    let id = client.get("/socialaccounts/").await.document()[0]["id"].clone();
    let path = format!("/socialaccounts/{id}/disconnect/");
    client.post(&path, &json!({})).await.says(400, "the only way to log in");
    let second = json!({"id_token": provider.id_token(&json!({"sub": "user-2"}))});
    client.post("/example/connect/", &second).await.is(200);
    // Of two at once one goes, and the other stays.
    let other = client.get("/socialaccounts/").await.document()[1]["id"].clone();
    let other = format!("/socialaccounts/{other}/disconnect/");
    let mut clone = client.clone();
    let empty = json!({});
    let (one, two) = tokio::join!(client.post(&path, &empty), clone.post(&other, &empty));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

async fn the_accounts_of_others_are_not_there(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.is(200);
    let mut ada = ada(&server).await;
    ada.post("/socialaccounts/1/disconnect/", &json!({})).await.is(404);
    Client::new(&server).get("/socialaccounts/").await.is(401);
}
