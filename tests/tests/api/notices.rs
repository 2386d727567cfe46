//! Notices to the owner of an account.

use crate::fixture::*;

on_every_database!(
    a_changed_password_is_told,
    a_reset_password_is_told,
    a_login_from_an_unknown_client_is_told_once,
    it_links_to_the_page_that_ends_logins,
    a_login_that_fails_is_none,
    an_account_that_nobody_used_for_long_still_knows_its_client,
    a_registration_is_no_news,
    notices_are_in_the_language_of_the_request,
    a_client_writes_nothing_but_its_name_into_a_notice,
    both_kinds_of_notices_can_be_switched_off,
);

/// A server behind a proxy that tells where requests come from.
fn proxied(more: &Value) -> Value {
    let proxies = json!({"server": {"trusted_proxies": ["127.0.0.1"]}});
    merged(&merged(&token_mode(), &proxies), more)
}

fn at(server: &Arc<Server>, address: &str, user_agent: &str) -> Client {
    Client::new(server).with("X-Forwarded-For", address).with("User-Agent", user_agent)
}

async fn log_in(server: &Arc<Server>, address: &str, user_agent: &str) {
    try_login(&mut at(server, address, user_agent), "ada", PASSWORD).await.is(200);
}

const DESK: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

const HOME: &str = "203.0.113.9";

async fn a_changed_password_is_told(backend: Backend) {
    let server = server(backend, proxied(&json!({}))).await;
    let mut client = at(&server, HOME, DESK);
    let key = try_login(&mut client, "ada", PASSWORD).await.text("key");
    let mut client = client.with_token(&key);
    client.post("/password/change/", &password_change("wrong", NEW_PASSWORD)).await.is(400);
    assert!(server.new_mails().await.is_empty());
    client.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
    let mail = only_mail(&server).await;
    for words in ["To: ada@example.com", "password", "was changed", HOME, "Firefox/140.0", "UTC"] {
        assert!(mail.contains(words), "no {words:?} in {mail}");
    }
    assert!(!mail.contains(NEW_PASSWORD) && !mail.contains(&key), "{mail}");
}

async fn a_reset_password_is_told(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let link = reset_link(&server).await;
    confirm_reset(&server, &link, "short").await.is(400);
    assert!(server.new_mails().await.is_empty());
    confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
    let mail = only_mail(&server).await;
    assert!(mail.contains("was changed"), "{mail}");
    assert!(!mail.contains(&link.1), "{mail}");
}

async fn a_login_from_an_unknown_client_is_told_once(backend: Backend) {
    let server = server(backend, proxied(&json!({}))).await;
    log_in(&server, HOME, DESK).await;
    assert!(server.new_mails().await.is_empty(), "the first login is no news");
    log_in(&server, "203.0.113.77", DESK).await;
    log_in(&server, HOME, &DESK.replace("140", "141")).await;
    assert!(server.new_mails().await.is_empty(), "a neighbour and an update are no strangers");
    log_in(&server, "198.51.100.7", DESK).await;
    let mail = only_mail(&server).await;
    for words in ["To: ada@example.com", "we do not know", "198.51.100.7", "Firefox"] {
        assert!(mail.contains(words), "no {words:?} in {mail}");
    }
    log_in(&server, "198.51.100.7", DESK).await;
    assert!(server.new_mails().await.is_empty(), "once");
    log_in(&server, HOME, "curl/8.5.0").await;
    only_mail(&server).await;
}

async fn it_links_to_the_page_that_ends_logins(backend: Backend) {
    let page = json!({"account": {"sessions_url": "https://app.example.com/devices"}});
    let server = server(backend, proxied(&page)).await;
    log_in(&server, HOME, DESK).await;
    log_in(&server, "198.51.100.7", DESK).await;
    assert!(only_mail(&server).await.contains("https://app.example.com/devices"));
}

async fn a_login_that_fails_is_none(backend: Backend) {
    let server = server(backend, proxied(&json!({}))).await;
    log_in(&server, HOME, DESK).await;
    let mut thief = at(&server, "198.51.100.7", "curl/8.5.0");
    try_login(&mut thief, "ada", "a wrong password").await.is(400);
    assert!(server.new_mails().await.is_empty());
}

async fn an_account_that_nobody_used_for_long_still_knows_its_client(backend: Backend) {
    let server = server(backend, proxied(&json!({}))).await;
    log_in(&server, HOME, DESK).await;
    server.advance(400 * DAY);
    rest_auth_flows::cleanup::clean(server.auth()).await;
    log_in(&server, "198.51.100.7", DESK).await;
    only_mail(&server).await;
    rest_auth_flows::cleanup::clean(server.auth()).await;
    log_in(&server, HOME, DESK).await;
    only_mail(&server).await;
}

async fn a_registration_is_no_news(backend: Backend) {
    let server =
        empty_server(backend, proxied(&json!({"account": {"email_verification": "none"}}))).await;
    let form = json!({"username": "ada", "email": "ada@example.com", "password1": PASSWORD,
        "password2": PASSWORD});
    at(&server, HOME, DESK).post("/registration/", &form).await.is(201);
    assert!(server.new_mails().await.is_empty());
    log_in(&server, HOME, DESK).await;
    assert!(server.new_mails().await.is_empty());
    log_in(&server, "198.51.100.7", DESK).await;
    assert!(only_mail(&server).await.contains("198.51.100.7"));
}

async fn notices_are_in_the_language_of_the_request(backend: Backend) {
    let config = json!({"i18n": {"negotiate_language": true}});
    let server = server(backend, merged(&token_mode(), &config)).await;
    let mut client = Client::new(&server).with("Accept-Language", "de");
    let key = try_login(&mut client, "ada", PASSWORD).await.text("key");
    let mut client = client.with_token(&key);
    client.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
    assert!(only_mail(&server).await.contains("Guten Tag ada,"));
}

async fn a_client_writes_nothing_but_its_name_into_a_notice(backend: Backend) {
    let server = server(backend, proxied(&json!({}))).await;
    log_in(&server, HOME, DESK).await;
    log_in(&server, HOME, "x\u{9}<b>y</b>{{7919*7907}}").await;
    let mail = only_mail(&server).await;
    assert!(!mail.contains("62615533"), "{mail}");
    let html = mail.split("text/html").nth(1).expect("an HTML part");
    assert!(!html.contains("<b>y</b>"), "{html}");
}

async fn both_kinds_of_notices_can_be_switched_off(backend: Backend) {
    let off = json!({"account": {"email_notifications": false, "new_sign_in_notification": false}});
    let server = server(backend, proxied(&off)).await;
    log_in(&server, HOME, DESK).await;
    log_in(&server, "198.51.100.7", "curl/8.5.0").await;
    let (mut client, _) = token_client(&server).await;
    client.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
    let link = reset_link(&server).await;
    confirm_reset(&server, &link, PASSWORD).await.is(200);
    assert!(server.new_mails().await.is_empty());
}
