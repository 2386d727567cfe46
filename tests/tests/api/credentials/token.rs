//! API tokens.

use rest_auth_flows::cleanup;
use rest_auth_store::testing::TestDatabase;

use crate::fixture::*;

on_every_database!(
    each_login_gets_a_token_of_its_own,
    a_token_ends_thirty_days_after_the_login_however_often_it_is_used,
    a_token_that_was_not_used_for_fourteen_days_ends,
    a_token_in_use_outlives_any_idle_timeout,
    a_token_that_ended_is_gone_from_the_database,
    a_token_that_differs_in_one_character_is_none,
);

async fn on_known_database(config: Value) -> (Arc<Server>, String) {
    let database = TestDatabase::fresh(Backend::Sqlite).await.expect("a database");
    let url = database.url().to_owned();
    let server = Server::start_on(&merged(&base(), &config), database).await;
    let server = Arc::new(server.expect("the server starts"));
    create(&server, json!({"username": "ada", "password": PASSWORD})).await;
    (server, url)
}

#[tokio::test]
async fn the_database_holds_no_token_in_the_clear() {
    let (server, url) = on_known_database(token_mode()).await;
    let (mut client, key) = token_client(&server).await;
    client.get("/user/").await.is(200);
    assert!(!holds(&bytes_of(&url), &key), "the token is in the database");
    assert!(!holds(&bytes_of(&url), &key[3..]), "the token is there without its prefix");
    assert!(!holds(&bytes_of(&url), PASSWORD), "the password is in the database");
    let digest = rest_auth_domain::opaque_token::digest_of(&key);
    assert!(holds(&bytes_of(&url), &digest), "this test cannot see anything");
}

#[tokio::test]
async fn djangos_storage_holds_it_so_that_looking_there_means_something() {
    let config = json!({"profile": "django", "rest_auth": {"session_login": false}});
    let (server, url) = on_known_database(config).await;
    let (_, answer) = login(&server).await;
    assert!(holds(&bytes_of(&url), &answer.text("key")));
}

async fn each_login_gets_a_token_of_its_own(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut one, first) = token_client(&server).await;
    let (mut other, second) = token_client(&server).await;
    assert_ne!(first, second);
    for key in [&first, &second] {
        assert!(key.starts_with("ra_") && key.len() == 46, "{key}");
    }
    one.get("/user/").await.is(200);
    other.get("/user/").await.is(200);
}

async fn a_token_ends_thirty_days_after_the_login_however_often_it_is_used(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut client, _) = token_client(&server).await;
    for _ in 0..29 {
        server.advance(DAY);
        client.get("/user/").await.is(200);
    }
    server.advance(just_before(DAY));
    client.get("/user/").await.is(200);
    server.advance(SECOND);
    client.get("/user/").await.says(401, "Invalid token.");
}

async fn a_token_that_was_not_used_for_fourteen_days_ends(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut client, _) = token_client(&server).await;
    server.advance(just_before(14 * DAY));
    client.get("/user/").await.is(200);
    server.advance(just_before(14 * DAY));
    client.get("/user/").await.is(200);
    let (mut idle, _) = token_client(&server).await;
    server.advance(14 * DAY);
    idle.get("/user/").await.says(401, "Invalid token.");
}

async fn a_token_that_ended_is_gone_from_the_database(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut shown, _) = token_client(&server).await;
    let (_not_shown, _) = token_client(&server).await;
    server.advance(31 * DAY);
    shown.get("/user/").await.is(401);
    assert_eq!(cleanup::clean(server.auth()).await, 1, "the token that nobody has shown since");
}

async fn a_token_that_differs_in_one_character_is_none(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (_, key) = token_client(&server).await;
    let upper = key.to_uppercase();
    let lower = key.to_lowercase();
    let shorter = &key[..key.len() - 1];
    let longer = format!("{key}A");
    for wrong in [upper.as_str(), lower.as_str(), shorter, longer.as_str()] {
        Client::new(&server).with_token(wrong).get("/user/").await.says(401, "Invalid token.");
    }
    Client::new(&server).with_token(&key).get("/user/").await.is(200);
}

async fn a_token_in_use_outlives_any_idle_timeout(backend: Backend) {
    let short = json!({"rest_auth": {"token_idle_timeout": "20s"}});
    let server = server(backend, merged(&token_mode(), &short)).await;
    let (mut client, _) = token_client(&server).await;
    for pause in [3, 6, 19, 4, 19, 12, 19] {
        server.advance(pause * SECOND);
        client.get("/user/").await.is(200);
    }
    server.advance(26 * SECOND);
    client.get("/user/").await.is(401);
}
