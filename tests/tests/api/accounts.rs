//! Accounts that an administrator changes.

use rest_auth_flows::accounts;

use crate::fixture::*;

on_every_database!(
    the_mailbox_before_a_new_address_resets_no_password,
    links_to_the_address_before_end_with_it,
    a_new_address_ends_what_was_issued_before,
    a_new_address_is_verified_only_if_that_is_said,
    an_address_that_another_account_has_verified_is_refused,
    a_name_that_is_taken_is_refused,
    a_superuser_without_an_address_needs_no_mail,
    a_user_made_with_an_address_can_verify_it,
    a_password_is_read_as_the_api_reads_it,
    a_secret_whose_codes_would_not_work_is_refused,
);

async fn a_superuser_without_an_address_needs_no_mail(backend: Backend) {
    for profile in ["strict", "django"] {
        let config = merged(&mandatory(&token_mode()), &json!({"profile": profile}));
        let server = empty_server(backend, config).await;
        let user =
            |name: &str, set: Value| merged(&json!({"username": name, "password": PASSWORD}), &set);
        create(&server, user("root", json!({"is_superuser": true}))).await;
        create(&server, user("staff", json!({"is_staff": true}))).await;
        let addressed = json!({"is_superuser": true, "email": "r@example.com"});
        create(&server, user("addressed", addressed)).await;
        try_login(&mut Client::new(&server), "root", PASSWORD).await.is(200);
        for name in ["staff", "addressed"] {
            let answer = try_login(&mut Client::new(&server), name, PASSWORD).await;
            answer.says(400, "E-mail is not verified.");
        }
    }
}

async fn a_user_made_with_an_address_can_verify_it(backend: Backend) {
    let pages = json!({
        "account": {
            "email_confirmation_url": "https://app.example.com/v/{key}",
            "email_notifications": false,
        },
        "rest_auth": {"password_reset_url": "https://app.example.com/r/{uid}/{token}"},
    });
    for profile in ["strict", "django"] {
        let own = merged(&pages, &json!({"profile": profile}));
        let server = empty_server(backend, merged(&mandatory(&token_mode()), &own)).await;
        for name in ["bob", "eve"] {
            let email = format!("{name}@example.com");
            create(&server, json!({"username": name, "password": PASSWORD, "email": email})).await;
        }
        let mut client = Client::new(&server);
        let word = |mail: &str, page: &str| {
            let rest = mail.split(page).nth(1).unwrap_or_else(|| panic!("no {page} in {mail}"));
            rest.split_whitespace().next().unwrap_or_default().to_owned()
        };
        client
            .post("/registration/resend-email/", &json!({"email": "bob@example.com"}))
            .await
            .is(200);
        let mail = mail_to(&server, "bob@example.com").await;
        let key = word(&mail, "https://app.example.com/v/");
        client.post("/registration/verify-email/", &json!({"key": key})).await.is(200);
        try_login(&mut client, "bob", PASSWORD).await.is(200);
        client.post("/password/reset/", &json!({"email": "eve@example.com"})).await.is(200);
        let mail = mail_to(&server, "eve@example.com").await;
        let link = word(&mail, "https://app.example.com/r/");
        let (uid, token) = link.split_once('/').expect("two parts");
        let confirm = json!({
            "uid": uid, "token": token,
            "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD,
        });
        client.post("/password/reset/confirm/", &confirm).await.is(200);
        // The reset has made the record, so that a mail can be asked for.
        client
            .post("/registration/resend-email/", &json!({"email": "eve@example.com"}))
            .await
            .is(200);
        let is_verified = profile == "strict";
        assert_eq!(server.new_mails().await.is_empty(), is_verified);
        let status = try_login(&mut client, "eve", NEW_PASSWORD).await.status();
        assert_eq!(status, if is_verified { 200 } else { 400 });
    }
}

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

async fn a_secret_whose_codes_would_not_work_is_refused(backend: Backend) {
    let server = empty_server(backend, token_mode()).await;
    let with =
        |secret: &str| json!({"username": "bob", "password": PASSWORD, "totp_secret": secret});
    for secret in ["JBSWY3DPEHPK3PXP", "ME"] {
        let refused = server.create_user(with(secret)).await.expect_err("the secret is short");
        assert!(refused.contains("totp_secret: must have 112 bits or more"), "{refused}");
    }
    create(&server, with(crate::mfa::SECRET)).await;
}

async fn a_name_that_is_taken_is_refused(backend: Backend) {
    let server = server(backend, token_mode()).await;
    create(&server, json!({"username": "bob", "password": PASSWORD})).await;
    let change = json!({"username": "bob", "set": {"username": "ada"}});
    let refused = server.change_user(change).await.expect_err("the name is taken");
    assert!(refused.contains("\"ada\" is taken"), "{refused}");
}

async fn a_password_is_read_as_the_api_reads_it(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let typed = "\u{a0}begins and ends with blanks ";
    create(&server, json!({"username": "bob", "password": typed})).await;
    try_login(&mut Client::new(&server), "bob", typed).await.is(200);
    for again in ["ends with a blank ", "  begins with some"] {
        change(&server, "bob", json!({"password": again})).await;
        try_login(&mut Client::new(&server), "bob", again).await.is(200);
    }
    accounts::set_password_unchecked(server.auth(), "bob", " yet another ").await.expect("set");
    try_login(&mut Client::new(&server), "bob", " yet another ").await.is(200);
    for (password, words) in [(" \t", "is empty"), (&*"x".repeat(1_025), "1024")] {
        let line = json!({"username": "carol", "password": password});
        let refused = server.create_user(line).await.expect_err("it is refused");
        assert!(refused.starts_with("password: ") && refused.contains(words), "{refused}");
        let line = json!({"username": "bob", "set": {"first_name": "B", "password": password}});
        server.change_user(line).await.expect_err("it is refused");
    }
    let key = try_login(&mut Client::new(&server), "bob", "yet another").await.text("key");
    let shown = Client::new(&server).with_token(&key).get("/user/").await.of(200);
    assert_eq!(shown.text("first_name"), "", "a line that is refused changes nothing");
}
