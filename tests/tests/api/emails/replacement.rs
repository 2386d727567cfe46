//! `account.change_email`: a user has one address, and a new one takes its place.

use crate::emails::{NEW, add, list, verify, with_account};
use crate::fixture::*;
use crate::registration::verification_key;

on_every_database!(
    where_addresses_are_replaced_the_new_one_is_the_only_one,
    where_addresses_are_replaced_the_first_one_changes_nothing,
);

async fn where_addresses_are_replaced_the_new_one_is_the_only_one(backend: Backend) {
    let server = server(backend, with_account(&json!({"change_email": true}))).await;
    let (mut ada, _) = token_client(&server).await;
    let (mut other, _) = token_client(&server).await;
    add(&mut ada, "typo@example.org").await.is(201);
    let typo = verification_key(&mail_to(&server, "typo@example.org").await);
    add(&mut ada, NEW).await.is(201);
    let key = verification_key(&mail_to(&server, NEW).await);
    assert_eq!(list(&mut ada).await.len(), 2, "the second takes the place of the first");
    verify(&server, &typo).await.is(404);
    other.get("/user/").await.is(200);
    ada.post("/registration/verify-email/", &json!({"key": key})).await.is(200);
    let notice = mail_to(&server, "ada@example.com").await;
    assert!(notice.contains("was changed to ada@example.org"), "{notice}");
    let left = list(&mut ada).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!((&left[0]["email"], &left[0]["primary"]), (&json!(NEW), &json!(true)));
    assert_eq!(ada.get("/user/").await.of(200).text("email"), NEW);
    other.get("/user/").await.is(401);
}

async fn where_addresses_are_replaced_the_first_one_changes_nothing(backend: Backend) {
    let config = json!({"account": {"change_email": true, "email_verification": "optional"}});
    let server = empty_server(backend, merged(&token_mode(), &config)).await;
    let form = json!({"username": "ada", "email": "ada@example.com", "password1": PASSWORD,
        "password2": PASSWORD});
    let key = Client::new(&server).post("/registration/", &form).await.of(201).text("key");
    let mailed = verification_key(&mail_to(&server, "ada@example.com").await);
    verify(&server, &mailed).await.is(200);
    assert!(server.new_mails().await.is_empty());
    Client::new(&server).with_token(&key).get("/user/").await.is(200);
}
