//! What somebody prepared who registered the address of another person: it does not survive the owner.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_domain::webauthn::testing::SoftwareAuthenticator;

use super::linking::{linking, mallory};
use super::{by_id_token, start};
use crate::fixture::*;
use crate::mfa::enroll;
use crate::passkeys;

on_every_database!(
    nothing_that_was_prepared_survives_the_owner_who_comes_by_a_provider,
    what_was_prepared_does_not_survive_the_reset_of_the_owner,
    an_address_that_waits_in_another_account_is_linked_to_nobody,
);

/// The account is its owner's although nobody has verified its address.
fn taking() -> Value {
    let taking = json!({
        "account": {"email_verification": "optional"},
        "socialaccount": {"email_authentication_unverified": true},
    });
    merged(&linking(), &taking)
}

/// The key of the link in a mail that asks to verify an address.
fn key_in(mail: &str) -> Option<String> {
    let key = mail.split("account-confirm-email/").nth(1)?;
    key.split(['/', '"', '\r', '\n']).next().map(str::to_owned)
}

/// 2, 3 and 4: an unexpired session, and trojan identifiers of every kind.
async fn nothing_that_was_prepared_survives_the_owner_who_comes_by_a_provider(backend: Backend) {
    let (server, provider) = start(backend, taking()).await;
    mallory(&server, false).await;
    let key = try_login(&mut Client::new(&server), "mallory", PASSWORD).await.of(200).text("key");
    let mut intruder = Client::new(&server).with_token(&key);
    let form = json!({"id_token": provider.id_token(&json!({"sub": "mallory", "jti": "0"}))});
    intruder.post("/example/connect/", &form).await.is(200);
    let form = json!({"email": "mallory@example.net", "current_password": PASSWORD});
    intruder.post("/emails/", &form).await.is(201);
    let mails = server.new_mails().await;
    let mut pending = mails.iter().map(|mail| String::from_utf8_lossy(mail).replace("=\r\n", ""));
    let pending = pending.find_map(|mail| key_in(&mail)).expect("a link");
    let mut device = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
    passkeys::add(&mut intruder, &mut device).await;
    let (_, paper) = enroll(&server, &mut intruder).await;
    assert_eq!(paper.len(), 10);
    server.new_mails().await;

    // The owner is not asked for a second factor that is not theirs.
    let key = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).text("key");
    let mut owner = Client::new(&server).with_token(&key);
    assert_eq!(owner.get("/user/").await.of(200).text("username"), "mallory");
    intruder.get("/user/").await.is(401);
    try_login(&mut Client::new(&server), "mallory", PASSWORD).await.is(400);
    passkeys::log_in(&server, &mut device).await.is(400);
    assert_eq!(owner.get("/passkeys/").await.of(200).document(), json!([]));
    assert_eq!(owner.get("/mfa/status/").await.of(200).document()["mfa_enabled"], false);
    // 4: the change of address that was pending is over.
    let form = json!({"key": pending});
    Client::new(&server).post("/registration/verify-email/", &form).await.is(404);
    let addresses = owner.get("/emails/").await.of(200).document();
    let all: Vec<_> = addresses.as_array().expect("a list").iter().map(|a| &a["email"]).collect();
    assert_eq!(all, [&json!("grace@example.org")]);
    let accounts = owner.get("/socialaccounts/").await.of(200).document();
    let all: Vec<_> = accounts.as_array().expect("a list").iter().map(|a| &a["uid"]).collect();
    assert_eq!(all, [&json!("user-1")]);
    // The account at the provider that was connected before is a stranger's.
    let theirs = json!({"sub": "mallory", "jti": "2", "email": "mallory@example.org"});
    let key = by_id_token(&server, &provider.id_token(&theirs)).await.of(200).text("key");
    let mut stranger = Client::new(&server).with_token(&key);
    assert_eq!(stranger.get("/user/").await.text("email"), "mallory@example.org");
}

/// 3: trojan identifiers, where the owner resets the password.
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

/// 4: unexpired e-mail change, to the address of somebody who has no account yet.
async fn an_address_that_waits_in_another_account_is_linked_to_nobody(backend: Backend) {
    let (server, provider) = start(backend, linking()).await;
    let server = with_ada(server).await;
    let (mut client, _) = token_client(&server).await;
    let form = json!({"email": "grace@example.org", "current_password": PASSWORD});
    client.post("/emails/", &form).await.is(201);
    // The owner of the address comes by the provider, and is not let in to the other account.
    let token = provider.id_token(&json!({}));
    by_id_token(&server, &token).await.says(400, "already registered");
    assert_eq!(client.get("/socialaccounts/").await.of(200).document(), json!([]));
    // Once nobody waits for it any more, it is theirs.
    let addresses = client.get("/emails/").await.of(200).document();
    let waiting = addresses.as_array().expect("a list").iter();
    let waiting = waiting.filter(|address| address["verified"] == false);
    for address in waiting {
        let path = format!("/emails/{}/", address["id"]);
        client.json("DELETE", &path, &json!({"current_password": PASSWORD})).await.is(204);
    }
    let token = provider.id_token(&json!({"jti": "2"}));
    let key = by_id_token(&server, &token).await.of(200).text("key");
    let mut grace = Client::new(&server).with_token(&key);
    assert_eq!(grace.get("/user/").await.text("email"), "grace@example.org");
}
