//! The attacks on the linking of accounts. What each rests on is named beside it.

use super::{by_id_token, start};
use crate::fixture::*;

on_every_database!(
    an_account_registered_with_the_address_of_another_does_not_get_their_provider,
    an_address_that_the_provider_has_not_verified_proves_nothing,
    an_address_verified_as_a_further_one_is_not_taken_over,
    by_setting_a_verified_address_logs_in_and_connects,
    an_account_of_another_user_is_not_connected,
    a_pending_change_of_address_does_not_survive_into_an_account_of_the_provider,
    the_profile_must_be_about_the_user_of_the_id_token,
    an_access_token_beside_an_id_token_says_nothing,
    a_user_is_known_by_the_uid_and_not_by_name_or_address,
    the_uid_is_told_apart_by_every_character,
    disabled_users_get_nothing,
    what_was_prepared_does_not_survive_the_reset_of_the_owner,
    a_second_factor_comes_before_an_account_is_linked,
);

/// Links by verified addresses.
fn linking() -> Value {
    json!({"socialaccount": {
        "email_authentication": true, "email_authentication_auto_connect": true,
    }})
}

async fn mallory(server: &Server, verified: bool) {
    create(
        server,
        json!({"username": "mallory", "password": PASSWORD, "email": "grace@example.org",
            "email_verified": verified}),
    )
    .await;
}

/// 1: classic-federated merge (Sudhodanan and Paverd, USENIX Security 2022).
async fn an_account_registered_with_the_address_of_another_does_not_get_their_provider(
    backend: Backend,
) {
    for config in [json!({}), linking()] {
        let (server, provider) = start(backend, config).await;
        mallory(&server, false).await;
        by_id_token(&server, &provider.id_token(&json!({}))).await.says(400, "already registered");
    }
    // Under Django's rules the account is taken from whoever registered it.
    let taking = merged(
        &linking(),
        &json!({"socialaccount": {
            "email_authentication_unverified": true,
        }}),
    );
    let (server, provider) = start(backend, taking).await;
    mallory(&server, false).await;
    let before = try_login(&mut Client::new(&server), "mallory", PASSWORD).await;
    let key = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).text("key");
    Client::new(&server).with_token(&key).get("/user/").await.is(200);
    try_login(&mut Client::new(&server), "mallory", PASSWORD).await.is(400);
    // 2: the session from before the recovery.
    if before.status() == 200 {
        Client::new(&server).with_token(&before.text("key")).get("/user/").await.is(401);
    }
}

/// 5: a provider that does not verify.
async fn an_address_that_the_provider_has_not_verified_proves_nothing(backend: Backend) {
    let (server, provider) = start(backend, linking()).await;
    mallory(&server, true).await;
    for verified in [json!(false), json!("false"), json!("yes"), json!(0), json!(null), json!([])] {
        let token = provider.id_token(&json!({"email_verified": verified}));
        let answer = by_id_token(&server, &token).await;
        assert_eq!(answer.status(), 400, "{verified}: {answer}");
    }
}

/// 3 and the hole of the reference: only the primary address is compared there.
async fn an_address_verified_as_a_further_one_is_not_taken_over(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
            "email_verified": true,
            "extra_emails": [{"email": "grace@example.org", "verified": true}]}),
    )
    .await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.says(400, "already registered");
}

async fn by_setting_a_verified_address_logs_in_and_connects(backend: Backend) {
    let (server, provider) = start(backend, linking()).await;
    mallory(&server, true).await;
    let key = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).text("key");
    let mut client = Client::new(&server).with_token(&key);
    assert_eq!(client.get("/user/").await.text("username"), "mallory");
    let accounts = client.get("/socialaccounts/").await.document();
    assert_eq!(accounts[0]["uid"], "user-1");
    assert_eq!(server.new_mails().await.len(), 1, "a notice of the connection");
}

/// 11: connecting, where the account is somebody else's.
async fn an_account_of_another_user_is_not_connected(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.is(200);
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true}),
    )
    .await;
    let (mut client, _) = token_client(&server).await;
    let form = json!({"id_token": provider.id_token(&json!({"jti": "2"}))});
    client.post("/example/connect/", &form).await.says(400, "already connected");
    assert_eq!(client.get("/socialaccounts/").await.document(), json!([]));
}

/// 4: unexpired e-mail change.
async fn a_pending_change_of_address_does_not_survive_into_an_account_of_the_provider(
    backend: Backend,
) {
    let (server, provider) = start(backend, json!({})).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true}),
    )
    .await;
    let (mut client, _) = token_client(&server).await;
    let form = json!({"email": "grace@example.org", "current_password": PASSWORD});
    client.post("/emails/", &form).await.is(201);
    let mail = String::from_utf8_lossy(&server.new_mails().await[0]).replace("=\r\n", "");
    let key = mail.split("account-confirm-email/").nth(1).expect("a link");
    let key = key.split(['/', '"', '\r', '\n']).next().expect("a key").to_owned();
    // The owner of the address comes by the provider: it is somebody's pending address, no account
    // of theirs, and nothing is linked.
    let answer = by_id_token(&server, &provider.id_token(&json!({}))).await;
    if answer.status() == 200 {
        Client::new(&server)
            .post("/registration/verify-email/", &json!({"key": key}))
            .await
            .is(404);
    } else {
        answer.says(400, "already registered");
    }
}

/// 9: mixed companions.
async fn the_profile_must_be_about_the_user_of_the_id_token(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let uri = "https://app.example.com/callback";
    let code = provider.code(json!({"sub": "user-1"}), uri);
    Client::new(&server).post("/example/", &json!({"code": code})).await.is(200);
}

/// 7 and 9: an access token of another application beside a good ID token.
async fn an_access_token_beside_an_id_token_says_nothing(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let victim = provider.access_token(json!({"sub": "victim", "email": "victim@example.org"}));
    let form = json!({"access_token": victim, "id_token": provider.id_token(&json!({}))});
    let key = Client::new(&server).post("/example/", &form).await.of(200).text("key");
    let mut client = Client::new(&server).with_token(&key);
    assert_eq!(client.get("/socialaccounts/").await.document()[0]["uid"], "user-1");
    assert_eq!(provider.calls("/userinfo"), 0);
}

/// 6 and 10: identifiers that anybody can write, or that change hands.
async fn a_user_is_known_by_the_uid_and_not_by_name_or_address(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let first = json!({"preferred_username": "amazing"});
    by_id_token(&server, &provider.id_token(&first)).await.is(200);
    let other = json!({"sub": "user-2", "preferred_username": "amazing", "email": "m@example.net"});
    let key = by_id_token(&server, &provider.id_token(&other)).await.of(200).text("key");
    let user = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_ne!(user["username"], "amazing");
    assert_eq!(user["email"], "m@example.net");
    let same_address = json!({"sub": "user-3"});
    by_id_token(&server, &provider.id_token(&same_address)).await.is(400);
}

async fn the_uid_is_told_apart_by_every_character(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    by_id_token(&server, &provider.id_token(&json!({"sub": "Ab"}))).await.is(200);
    let other = json!({"sub": "aB", "email": "m@example.net"});
    let answer = by_id_token(&server, &provider.id_token(&other)).await;
    if answer.status() == 200 {
        let mut client = Client::new(&server).with_token(&answer.text("key"));
        assert_eq!(client.get("/user/").await.text("email"), "m@example.net");
    } else {
        // MySQL has one row for both in Django's table.
        answer.is(400);
    }
}

async fn disabled_users_get_nothing(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.is(200);
    change(&server, "grace", json!({"is_active": false})).await;
    let token = provider.id_token(&json!({"jti": "2"}));
    by_id_token(&server, &token).await.says(400, "Unable to log in");
}

/// 3: trojan identifiers.
async fn what_was_prepared_does_not_survive_the_reset_of_the_owner(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
            "email_verified": false}),
    )
    .await;
    let (mut mallory, _) = token_client(&server).await;
    let form = json!({"id_token": provider.id_token(&json!({"sub": "mallory"}))});
    mallory.post("/example/connect/", &form).await.is(200);
    server.new_mails().await;
    let link = reset_link(&server).await;
    confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
    server.new_mails().await;
    let again = json!({"sub": "mallory", "jti": "2", "email": "mallory@example.net"});
    let key = by_id_token(&server, &provider.id_token(&again)).await.of(200).text("key");
    let mut stranger = Client::new(&server).with_token(&key);
    assert_eq!(stranger.get("/user/").await.text("email"), "mallory@example.net");
    // An owner who has verified their address keeps what they connected.
    let key = try_login(&mut Client::new(&server), "ada", NEW_PASSWORD).await.of(200).text("key");
    let mut ada = Client::new(&server).with_token(&key);
    let form = json!({"id_token": provider.id_token(&json!({"sub": "ada"}))});
    ada.post("/example/connect/", &form).await.is(200);
    server.new_mails().await;
    let link = reset_link(&server).await;
    confirm_reset(&server, &link, PASSWORD).await.is(200);
    let token = provider.id_token(&json!({"sub": "ada", "jti": "3"}));
    let key = by_id_token(&server, &token).await.of(200).text("key");
    let mut ada = Client::new(&server).with_token(&key);
    assert_eq!(ada.get("/user/").await.text("username"), "ada");
}

/// 12: a second factor that the provider's path would skip.
async fn a_second_factor_comes_before_an_account_is_linked(backend: Backend) {
    let (server, provider) = start(backend, linking()).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "grace@example.org",
            "email_verified": true, "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}),
    )
    .await;
    let answer = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).document();
    assert_eq!(answer["mfa_required"], true);
    let found = server.auth().store().social_account::<rest_auth_flows::User>("example", "user-1");
    assert!(found.await.expect("the database answers").is_none());
}
