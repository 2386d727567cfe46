//! Accounts that an administrator changes.

use crate::fixture::*;

on_every_database!(
    the_mailbox_before_a_new_address_resets_no_password,
    links_to_the_address_before_end_with_it,
    a_new_address_ends_what_was_issued_before,
    a_new_address_is_verified_only_if_that_is_said,
    an_address_that_another_account_has_verified_is_refused,
    a_name_that_is_taken_is_refused,
);

const NEW: &str = "ada@new.example";

fn mandatory(config: &Value) -> Value {
    merged(config, &json!({"account": {"email_verification": "mandatory"}}))
}

async fn reset_mails(server: &Arc<Server>, address: &str) -> usize {
    let asked = json!({"email": address});
    Client::new(server).post("/password/reset/", &asked).await.is(200);
    server.new_mails().await.len()
}

async fn the_mailbox_before_a_new_address_resets_no_password(backend: Backend) {
    let server = server(backend, token_mode()).await;
    change(&server, "ada", json!({"email": NEW, "email_verified": true})).await;
    let told = mail_to(&server, "ada@example.com").await;
    assert!(told.contains(NEW), "{told}");
    assert_eq!(reset_mails(&server, "ada@example.com").await, 0);
    assert_eq!(reset_mails(&server, NEW).await, 1);
}

async fn links_to_the_address_before_end_with_it(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let link = reset_link(&server).await;
    change(&server, "ada", json!({"email": NEW, "email_verified": true})).await;
    confirm_reset(&server, &link, NEW_PASSWORD).await.says(400, "token");
}

async fn a_new_address_ends_what_was_issued_before(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    ada.get("/user/").await.is(200);
    change(&server, "ada", json!({"email": NEW, "email_verified": true})).await;
    ada.get("/user/").await.is(401);
    let (mut ada, _) = token_client(&server).await;
    assert_eq!(ada.get("/user/").await.document()["email"], NEW);
}

async fn a_new_address_is_verified_only_if_that_is_said(backend: Backend) {
    let server = server(backend, mandatory(&token_mode())).await;
    change(&server, "ada", json!({"email": NEW})).await;
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.says(400, "not verified");
    change(&server, "ada", json!({"email_verified": true})).await;
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(200);
}

async fn an_address_that_another_account_has_verified_is_refused(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let bob = json!({"username": "bob", "password": PASSWORD, "email": "bob@example.com",
        "email_verified": true});
    create(&server, bob).await;
    let change = json!({"username": "ada",
        "set": {"email": "bob@example.com", "email_verified": true}});
    let refused = server.change_user(change).await.expect_err("the address is taken");
    assert!(refused.contains("another account has verified"), "{refused}");
    let (mut ada, _) = token_client(&server).await;
    assert_eq!(ada.get("/user/").await.document()["email"], "ada@example.com");
}

async fn a_name_that_is_taken_is_refused(backend: Backend) {
    let server = server(backend, token_mode()).await;
    create(&server, json!({"username": "bob", "password": PASSWORD})).await;
    let change = json!({"username": "bob", "set": {"username": "ada"}});
    let refused = server.change_user(change).await.expect_err("the name is taken");
    assert!(refused.contains("\"ada\" is taken"), "{refused}");
}
