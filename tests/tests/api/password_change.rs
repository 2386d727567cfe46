//! Password change.

use crate::fixture::*;

on_every_database!(
    a_change_needs_the_old_password,
    the_token_that_changed_the_password_goes_on_alone,
    a_changed_password_ends_sessions_beside_the_token_that_changed_it,
    a_password_change_with_a_jwt_ends_jwts_and_the_new_password_lets_in,
    a_password_change_renews_the_key_and_ends_other_sessions,
    the_absolute_end_survives_a_password_change,
    a_session_beside_the_token_goes_on_under_a_new_key,
);

async fn a_change_needs_the_old_password(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut client, _) = token_client(&server).await;
    let without = json!({"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD});
    let answer = client.post("/password/change/", &without).await.of(400);
    assert_eq!(answer.document(), json!({"old_password": ["This field is required."]}));
    let wrong = password_change("something else", NEW_PASSWORD);
    client.post("/password/change/", &wrong).await.says(400, "old_password");
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(200);
}

async fn the_token_that_changed_the_password_goes_on_alone(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut own, _) = token_client(&server).await;
    let (mut other, _) = token_client(&server).await;
    own.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
    own.get("/user/").await.is(200);
    other.get("/user/").await.says(401, "Invalid token.");
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(400);
    try_login(&mut Client::new(&server), "ada", NEW_PASSWORD).await.is(200);
}

async fn a_changed_password_ends_sessions_beside_the_token_that_changed_it(backend: Backend) {
    let server = server(backend, json!({})).await;
    let (browser, answer) = login(&server).await;
    let mut program = Client::new(&server).with_token(&answer.text("key"));
    program.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
    program.get("/user/").await.is(200);
    let mut browser = browser;
    browser.get("/user/").await.is(401);
}

async fn a_password_change_with_a_jwt_ends_jwts_and_the_new_password_lets_in(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    let (other, _) = jwt_pair(&server).await;
    let change = password_change(PASSWORD, NEW_PASSWORD);
    bearer(&server, &access).post("/password/change/", &change).await.is(200);
    for access in [&access, &other] {
        bearer(&server, access).get("/user/").await.is(401);
    }
    refresh(&server, &token).await.is(401);
    try_login(&mut Client::new(&server), "ada", NEW_PASSWORD).await.is(200);
}

async fn a_password_change_renews_the_key_and_ends_other_sessions(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (client, _) = login(&server).await;
    let (mut other, _) = login(&server).await;
    let mut client = client.with_csrf();
    let old = client.clone();
    client.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
    assert_ne!(client.cookies["sessionid"], old.cookies["sessionid"]);
    client.get("/user/").await.is(200);
    other.get("/user/").await.is(401);
    let mut old = old;
    old.get("/user/").await.is(401);
}

async fn the_absolute_end_survives_a_password_change(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (client, _) = login(&server).await;
    server.advance(10 * DAY);
    let mut client = client.with_csrf();
    client.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
    for _ in 0..19 {
        server.advance(DAY);
        client.get("/user/").await.is(200);
    }
    server.advance(DAY + SECOND);
    client.get("/user/").await.is(401);
}

async fn a_session_beside_the_token_goes_on_under_a_new_key(backend: Backend) {
    for profile in ["strict", "django"] {
        let own = json!({
            "profile": profile,
            "rest_auth": {"old_password_field_enabled": true},
            "rest_framework": {"default_authentication_classes": ["token", "session"]},
        });
        let server = server(backend, own).await;
        let (client, answer) = login(&server).await;
        let (mut other, _) = login(&server).await;
        let before = client.cookies["sessionid"].clone();
        let mut client = client.with_token(&answer.text("key"));
        let change = password_change(PASSWORD, NEW_PASSWORD);
        client.post("/password/change/", &change).await.is(200);
        assert_ne!(client.cookies["sessionid"], before, "the key is the old one");
        let mut session = Client::new(&server);
        session.cookies = client.cookies.clone();
        session.get("/user/").await.is(200);
        let status = other.get("/user/").await.status();
        assert!(matches!(status, 401 | 403), "another session goes on: {status}");
    }
}
