//! Sessions.

use rest_auth_store::testing::TestDatabase;

use crate::fixture::*;

on_every_database!(
    a_session_ends_thirty_days_after_the_login_however_often_it_is_used,
    an_unused_session_ends_after_its_cookie_age,
    each_login_gets_a_key_of_its_own,
    a_key_that_somebody_planted_is_not_taken_over,
    cookies_are_secure_where_clients_come_by_https,
);

#[tokio::test]
async fn the_database_holds_a_digest_of_the_key_only() {
    let database = TestDatabase::fresh(Backend::Sqlite).await.expect("a database");
    let url = database.url().to_owned();
    let server = Server::start_on(&merged(&base(), &session_mode()), database).await;
    let server = Arc::new(server.expect("the server starts"));
    create(&server, json!({"username": "ada", "password": PASSWORD})).await;
    let (mut client, _) = login(&server).await;
    client.get("/user/").await.is(200);
    let key = &client.cookies["sessionid"];
    assert!(!holds(&bytes_of(&url), key), "the session key is in the database");
    let digest = rest_auth_domain::opaque_token::digest_of(key);
    assert!(holds(&bytes_of(&url), &digest), "the digest is not");
}

async fn a_session_ends_thirty_days_after_the_login_however_often_it_is_used(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (mut client, _) = login(&server).await;
    for _ in 0..29 {
        server.advance(DAY);
        client.get("/user/").await.is(200);
    }
    server.advance(just_before(DAY));
    client.get("/user/").await.is(200);
    server.advance(SECOND);
    client.get("/user/").await.is(401);
}

async fn an_unused_session_ends_after_its_cookie_age(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (mut client, _) = login(&server).await;
    server.advance(14 * DAY);
    client.get("/user/").await.is(401);
}

async fn each_login_gets_a_key_of_its_own(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (client, _) = login(&server).await;
    let first = client.cookies["sessionid"].clone();
    // Whoever is in already needs a CSRF token to log in again.
    let mut client = client.with_csrf();
    try_login(&mut client, "ada", PASSWORD).await.is(204);
    assert_ne!(client.cookies["sessionid"], first);
    let mut old = Client::new(&server);
    old.cookies.insert("sessionid".to_owned(), first);
    old.get("/user/").await.is(401);
    client.get("/user/").await.is(200);
}

async fn a_key_that_somebody_planted_is_not_taken_over(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let planted = "plantedplantedplantedplantedplan";
    let mut client = Client::new(&server);
    client.cookies.insert("sessionid".to_owned(), planted.to_owned());
    try_login(&mut client, "ada", PASSWORD).await.is(204);
    assert_ne!(client.cookies["sessionid"], planted);
    let mut thief = Client::new(&server);
    thief.cookies.insert("sessionid".to_owned(), planted.to_owned());
    thief.get("/user/").await.is(401);
}

async fn cookies_are_secure_where_clients_come_by_https(backend: Backend) {
    let config = json!({"server": {"public_url": "https://auth.example.com"}});
    let server = server(backend, merged(&session_mode(), &config)).await;
    let (_, answer) = login(&server).await;
    for name in ["sessionid", "csrftoken"] {
        let cookie = answer.set_cookie(name).unwrap_or_default();
        assert!(cookie.contains("; Secure"), "{name}: {cookie:?}");
    }
    let cookie = answer.set_cookie("sessionid").unwrap_or_default();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie:?}");
    let config = merged(&jwt_cookie_mode(), &config);
    let server = self::server(backend, config).await;
    let (_, answer) = login(&server).await;
    for name in ["access", "refresh"] {
        let cookie = answer.set_cookie(name).unwrap_or_default();
        assert!(cookie.contains("; Secure") && cookie.contains("HttpOnly"), "{name}: {cookie:?}");
    }
}
