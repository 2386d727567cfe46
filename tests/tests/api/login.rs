//! Login: who gets in.

mod admission;

use crate::fixture::*;

on_every_database!(
    unknown_wrong_and_disabled_get_the_same_answer,
    a_password_with_the_request_lets_nobody_in,
    strangers_are_asked_for_a_token,
);

async fn unknown_wrong_and_disabled_get_the_same_answer(backend: Backend) {
    let server = server(backend, token_mode()).await;
    create(&server, json!({"username": "eve", "password": PASSWORD, "is_active": false})).await;
    let unknown = try_login(&mut Client::new(&server), "nobody", PASSWORD).await.of(400);
    let wrong = try_login(&mut Client::new(&server), "ada", "something else").await.of(400);
    let disabled = try_login(&mut Client::new(&server), "eve", PASSWORD).await.of(400);
    assert_eq!(unknown.body(), wrong.body());
    assert_eq!(unknown.body(), disabled.body());
}

async fn a_password_with_the_request_lets_nobody_in(backend: Backend) {
    let server = server(backend, json!({})).await;
    // ada:correct horse battery staple
    let basic = "Basic YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeSBzdGFwbGU=";
    let mut client = Client::new(&server).with("Authorization", basic);
    client.get("/user/").await.is(401);
}

async fn strangers_are_asked_for_a_token(backend: Backend) {
    let server = server(backend, json!({})).await;
    let answer = Client::new(&server).get("/user/").await.of(401);
    assert_eq!(answer.header("WWW-Authenticate"), Some("Token"));
}
