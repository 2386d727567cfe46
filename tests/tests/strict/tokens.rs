//! API tokens.

use rest_auth_store::testing::TestDatabase;

use super::*;

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
    let tokens = server.auth().store().device_tokens_of(1).await.unwrap();
    assert_eq!(tokens.len(), 1);
    assert!(holds(&bytes_of(&url), &tokens[0].digest), "this test cannot see anything");
}

#[tokio::test]
async fn djangos_storage_holds_it_so_that_looking_there_means_something() {
    let config = json!({"profile": "django", "rest_auth": {"session_login": false}});
    let (server, url) = on_known_database(config).await;
    let (_, answer) = login(&server).await;
    assert!(holds(&bytes_of(&url), &answer.text("key")));
}

#[tokio::test]
async fn each_login_gets_a_token_of_its_own() {
    let server = server(token_mode()).await;
    let (mut one, first) = token_client(&server).await;
    let (mut other, second) = token_client(&server).await;
    assert_ne!(first, second);
    for key in [&first, &second] {
        assert!(key.starts_with("ra_") && key.len() == 46, "{key}");
    }
    one.get("/user/").await.is(200);
    other.get("/user/").await.is(200);
}

#[tokio::test]
async fn logout_ends_the_token_that_was_shown_and_no_other() {
    let server = server(token_mode()).await;
    let (mut one, _) = token_client(&server).await;
    let (mut other, _) = token_client(&server).await;
    one.post("/logout/", &json!({})).await.is(200);
    one.get("/user/").await.says(401, "Invalid token.");
    other.get("/user/").await.is(200);
}

#[tokio::test]
async fn a_token_ends_thirty_days_after_the_login_however_often_it_is_used() {
    let server = server(token_mode()).await;
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

#[tokio::test]
async fn a_token_that_was_not_used_for_fourteen_days_ends() {
    let server = server(token_mode()).await;
    let (mut client, _) = token_client(&server).await;
    server.advance(just_before(14 * DAY));
    client.get("/user/").await.is(200);
    server.advance(just_before(14 * DAY));
    client.get("/user/").await.is(200);
    let (mut idle, _) = token_client(&server).await;
    server.advance(14 * DAY);
    idle.get("/user/").await.says(401, "Invalid token.");
}

#[tokio::test]
async fn a_token_that_ended_is_gone_from_the_database() {
    let server = server(token_mode()).await;
    let (mut client, _) = token_client(&server).await;
    server.advance(31 * DAY);
    client.get("/user/").await.is(401);
    assert!(server.auth().store().device_tokens_of(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn strangers_are_asked_for_a_token() {
    let server = server(json!({})).await;
    let answer = Client::new(&server).get("/user/").await.of(401);
    assert_eq!(answer.header("WWW-Authenticate"), Some("Token"));
}

#[tokio::test]
async fn a_password_with_the_request_lets_nobody_in() {
    let server = server(json!({})).await;
    // ada:correct horse battery staple
    let basic = "Basic YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeSBzdGFwbGU=";
    let mut client = Client::new(&server).with("Authorization", basic);
    client.get("/user/").await.is(401);
}

#[tokio::test]
async fn a_token_that_differs_in_one_character_is_none() {
    let server = server(token_mode()).await;
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
