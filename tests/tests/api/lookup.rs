//! Which addresses identify an account.

use crate::emails::{add, verify, with_account};
use crate::fixture::*;
use crate::registration::verification_key;

on_every_database!(
    an_address_that_was_added_and_not_verified_opens_no_account,
    where_the_setting_is_off_every_address_of_a_user_counts,
    the_address_that_an_account_was_made_with_identifies_it,
    until_another_address_of_the_account_is_verified,
    another_verification_mail_is_for_the_account_that_was_just_made,
    a_reset_mail_is_for_the_account_that_was_just_made,
    an_account_of_an_administrator_is_not_hidden_by_a_newer_one,
    a_link_ends_when_somebody_else_verifies_its_address,
    an_address_of_two_accounts_logs_in_to_the_one_with_the_password,
    an_administrator_finds_no_account_by_an_address_that_was_only_added,
    a_name_that_no_column_can_hold_is_nobodys,
);

const VICTIM: &str = "victim@example.org";

fn with_both_methods(settings: &Value) -> Value {
    let methods = json!({"login_methods": ["username", "email"]});
    with_account(&merged(&methods, settings))
}

async fn mails_after(server: &Arc<Server>, path: &str, email: &str) -> usize {
    server.advance(5 * MINUTE);
    Client::new(server).post(path, &json!({"email": email})).await.is(200);
    server.new_mails().await.len()
}

async fn reset_mails(server: &Arc<Server>, email: &str) -> usize {
    mails_after(server, "/password/reset/", email).await
}

async fn verification_mails(server: &Arc<Server>, email: &str) -> usize {
    mails_after(server, "/registration/resend-email/", email).await
}

async fn by_email(server: &Arc<Server>, email: &str, password: &str) -> Answer {
    let form = json!({"email": email, "password": password});
    Client::new(server).post("/login/", &form).await
}

/// Registers somebody with Ada's address, whose mailbox is the same for all of them.
async fn registered(server: &Arc<Server>, username: &str) {
    server.advance(5 * MINUTE);
    let form = json!({"username": username, "email": "ada@example.com",
        "password1": NEW_PASSWORD, "password2": NEW_PASSWORD});
    Client::new(server).post("/registration/", &form).await.is(201);
}

async fn password_of(server: &Arc<Server>, username: &str, password: &str) -> bool {
    match try_login(&mut Client::new(server), username, password).await.status() {
        200 => true,
        400 => false,
        other => panic!("a login answered {other}"),
    }
}

async fn an_address_that_was_added_and_not_verified_opens_no_account(backend: Backend) {
    for change_email in [false, true] {
        let settings = with_both_methods(&json!({"change_email": change_email}));
        let server = server(backend, settings).await;
        let (mut ada, _) = token_client(&server).await;
        add(&mut ada, VICTIM).await.is(201);
        assert_eq!(server.new_mails().await.len(), 1, "the key that verifies it");
        assert_eq!(reset_mails(&server, VICTIM).await, 0);
        assert_eq!(verification_mails(&server, VICTIM).await, 0);
        by_email(&server, VICTIM, PASSWORD).await.is(400);
        by_email(&server, "ada@example.com", PASSWORD).await.is(200);
        assert_eq!(reset_mails(&server, "ada@example.com").await, 1);
        // The user can still verify it.
        server.advance(5 * MINUTE);
        let all = ada.get("/emails/").await.of(200).document();
        let path = format!("/emails/{}/resend/", all[1]["id"]);
        ada.post(&path, &json!({})).await.is(200);
        verify(&server, &verification_key(&mail_to(&server, VICTIM).await)).await.is(200);
        // With `change_email` the address before gets a notice.
        server.new_mails().await;
        assert_eq!(reset_mails(&server, VICTIM).await, 1);
    }
}

async fn where_the_setting_is_off_every_address_of_a_user_counts(backend: Backend) {
    let settings = with_both_methods(&json!({"identify_by_proven_email": false}));
    let server = server(backend, settings).await;
    let (mut ada, _) = token_client(&server).await;
    add(&mut ada, VICTIM).await.is(201);
    server.new_mails().await;
    assert_eq!(reset_mails(&server, VICTIM).await, 1);
    assert_eq!(verification_mails(&server, VICTIM).await, 1);
    by_email(&server, VICTIM, PASSWORD).await.is(200);
}

async fn the_address_that_an_account_was_made_with_identifies_it(backend: Backend) {
    let server = empty_server(backend, with_both_methods(&json!({}))).await;
    registered(&server, "ada").await;
    server.new_mails().await;
    by_email(&server, "ada@example.com", NEW_PASSWORD).await.is(200);
    assert_eq!(verification_mails(&server, "ada@example.com").await, 1);
    assert_eq!(reset_mails(&server, "ada@example.com").await, 1);
}

async fn until_another_address_of_the_account_is_verified(backend: Backend) {
    let server = empty_server(backend, token_mode()).await;
    let mallory = json!({"username": "mallory", "password": PASSWORD, "email": VICTIM,
        "email_verified": false, "extra_emails": [{"email": "m@example.com", "verified": true}]});
    create(&server, mallory).await;
    assert_eq!(reset_mails(&server, VICTIM).await, 0);
    assert_eq!(verification_mails(&server, VICTIM).await, 0);
    assert_eq!(reset_mails(&server, "m@example.com").await, 1);
}

async fn another_verification_mail_is_for_the_account_that_was_just_made(backend: Backend) {
    let mandatory = with_account(&json!({"email_verification": "mandatory"}));
    let server = empty_server(backend, mandatory).await;
    registered(&server, "mallory").await;
    registered(&server, "ada").await;
    server.new_mails().await;
    server.advance(5 * MINUTE);
    let asked = json!({"email": "ada@example.com"});
    Client::new(&server).post("/registration/resend-email/", &asked).await.is(200);
    verify(&server, &verification_key(&only_mail(&server).await)).await.is(200);
    assert!(password_of(&server, "ada", NEW_PASSWORD).await);
    assert!(!password_of(&server, "mallory", NEW_PASSWORD).await);
    assert_eq!(verification_mails(&server, "ada@example.com").await, 0);
}

async fn a_reset_mail_is_for_the_account_that_was_just_made(backend: Backend) {
    let by_code = json!({"password_reset_by_code_enabled": true});
    for settings in [json!({}), by_code] {
        let server = empty_server(backend, with_account(&settings)).await;
        registered(&server, "mallory").await;
        registered(&server, "ada").await;
        server.new_mails().await;
        if settings == json!({}) {
            let link = reset_link(&server).await;
            confirm_reset(&server, &link, PASSWORD).await.is(200);
        } else {
            let asked = json!({"email": "ada@example.com"});
            Client::new(&server).post("/password/reset/", &asked).await.is(200);
            let form = json!({"email": "ada@example.com", "code": code_of(&only_mail(&server).await),
                "new_password1": PASSWORD, "new_password2": PASSWORD});
            Client::new(&server).post("/password/reset/confirm/", &form).await.is(200);
        }
        assert!(password_of(&server, "ada", PASSWORD).await);
        assert!(password_of(&server, "mallory", NEW_PASSWORD).await, "it was not hers to change");
        // Whoever has proven the address is the only one whom it identifies.
        assert_eq!(server.new_mails().await.len(), 1, "the notice of the new password");
        assert_eq!(reset_mails(&server, "ada@example.com").await, 1);
    }
}

async fn an_account_of_an_administrator_is_not_hidden_by_a_newer_one(backend: Backend) {
    let server = empty_server(backend, token_mode()).await;
    let ada = json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com"});
    create(&server, ada).await;
    registered(&server, "mallory").await;
    server.new_mails().await;
    assert_eq!(reset_mails(&server, "ada@example.com").await, 2);
}

async fn a_link_ends_when_somebody_else_verifies_its_address(backend: Backend) {
    let server = empty_server(backend, token_mode()).await;
    registered(&server, "mallory").await;
    server.new_mails().await;
    let link = reset_link(&server).await;
    registered(&server, "ada").await;
    verify(&server, &verification_key(&only_mail(&server).await)).await.is(200);
    confirm_reset(&server, &link, PASSWORD).await.says(400, "token");
    assert!(password_of(&server, "mallory", NEW_PASSWORD).await);
}

async fn an_address_of_two_accounts_logs_in_to_the_one_with_the_password(backend: Backend) {
    let server = empty_server(backend, with_both_methods(&json!({}))).await;
    for (username, password) in [("ada", PASSWORD), ("mallory", NEW_PASSWORD)] {
        let user = json!({"username": username, "password": password,
            "email": "ada@example.com", "email_verified": false});
        create(&server, user).await;
    }
    for (username, password) in [("ada", PASSWORD), ("mallory", NEW_PASSWORD)] {
        let key = by_email(&server, "ada@example.com", password).await.of(200).text("key");
        let shown = Client::new(&server).with_token(&key).get("/user/").await;
        assert_eq!(shown.text("username"), username);
    }
}

async fn an_administrator_finds_no_account_by_an_address_that_was_only_added(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut ada, _) = token_client(&server).await;
    add(&mut ada, VICTIM).await.is(201);
    let set = json!({"is_active": false});
    let by_victim = json!({"username": VICTIM, "set": set});
    let refused = server.change_user(by_victim).await.expect_err("nobody is found");
    assert!(refused.contains("no account"), "{refused}");
    change(&server, "ada@example.com", json!({"first_name": "Ada"})).await;
    assert_eq!(ada.get("/user/").await.of(200).text("first_name"), "Ada");
}

async fn a_name_that_no_column_can_hold_is_nobodys(backend: Backend) {
    let server = server(backend, with_both_methods(&json!({}))).await;
    let name = "a".repeat(60_000);
    let address = format!("{name}@example.com");
    try_login(&mut Client::new(&server), &name, PASSWORD).await.is(400);
    try_login(&mut Client::new(&server), &address, PASSWORD).await.is(400);
    let form = json!({"email": address, "password": PASSWORD});
    Client::new(&server).post("/login/", &form).await.is(400);
    let form = json!({"username": name, "email": address, "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD});
    Client::new(&server).post("/registration/", &form).await.says(400, "150");
    let (mut ada, _) = token_client(&server).await;
    ada.json("PATCH", "/user/", &json!({"username": name})).await.says(400, "150");
    for path in ["/password/reset/", "/registration/resend-email/"] {
        let answer = Client::new(&server).post(path, &json!({"email": address})).await;
        assert!(matches!(answer.status(), 200 | 400), "{answer}");
    }
}
