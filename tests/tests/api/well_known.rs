//! Documents at the root of the host, where password managers look for the pages of the front end.

use crate::fixture::*;

on_every_database!(password_managers_find_the_pages_of_the_front_end, what_is_not_set_is_not_there);

const PASSWORD_PAGE: &str = "/.well-known/change-password";
const PASSKEY_PAGES: &str = "/.well-known/passkey-endpoints";

async fn password_managers_find_the_pages_of_the_front_end(backend: Backend) {
    let config = json!({
        "rest_auth": {"password_change_url": "https://app.example.com/password"},
        "passkeys": {
            "enroll_url": "https://app.example.com/passkeys/new",
            "manage_url": "https://app.example.com/passkeys",
        },
    });
    let server = empty_server(backend, config).await;
    let there = Client::new(&server).get(PASSWORD_PAGE).await.of(302);
    assert_eq!(there.header("location"), Some("https://app.example.com/password"));
    let told = Client::new(&server).get(PASSKEY_PAGES).await.of(200);
    assert_eq!(told.header("content-type"), Some("application/json"));
    assert_eq!(
        told.document(),
        json!({"enroll": "https://app.example.com/passkeys/new",
            "manage": "https://app.example.com/passkeys"})
    );
}

async fn what_is_not_set_is_not_there(backend: Backend) {
    let server = empty_server(backend, json!({})).await;
    Client::new(&server).get(PASSWORD_PAGE).await.is(404);
    Client::new(&server).get(PASSKEY_PAGES).await.is(404);
    let one = json!({"passkeys": {"manage_url": "https://app.example.com/passkeys"}});
    let server = empty_server(backend, one.clone()).await;
    let told = Client::new(&server).get(PASSKEY_PAGES).await.of(200).document();
    assert_eq!(told, json!({"manage": "https://app.example.com/passkeys"}));
    let off = merged(&one, &json!({"apps": {"passkeys": false}}));
    let server = empty_server(backend, off).await;
    Client::new(&server).get(PASSKEY_PAGES).await.is(404);
}
