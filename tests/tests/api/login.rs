//! Login: who gets in.

mod admission;

use crate::fixture::*;

on_every_database!(
    unknown_wrong_and_disabled_get_the_same_answer,
    a_password_with_the_request_lets_nobody_in,
    strangers_are_asked_for_a_token,
    credentials_that_ended_bar_nobody_from_what_anybody_may_ask,
    where_no_jwts_are_issued_a_bearer_is_nobody,
    the_scheme_of_an_access_token_has_no_case,
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

/// What clients send along that has ended, or never was a credential.
const ENDED: [&str; 6] = [
    "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x",
    "Bearer null",
    "Bearer",
    "Token ra_ended",
    "Token",
    "Token a b",
];

async fn credentials_that_ended_bar_nobody_from_what_anybody_may_ask(backend: Backend) {
    let unlimited = json!({"account": {"rate_limits": false}});
    let django = json!({"profile": "django", "rest_framework": {
        "default_authentication_classes": ["jwt_cookie", "token"]}});
    let django = merged(&jwt_mode(), &django);
    for mode in [jwt_mode(), token_mode(), django.clone()] {
        let server = server(backend, merged(&mode, &unlimited)).await;
        for (number, header) in ENDED.into_iter().enumerate() {
            if mode == django && header.starts_with("Token") {
                // As DRF does.
                let mut client = Client::new(&server).with("Authorization", header);
                try_login(&mut client, "ada", PASSWORD).await.is(401);
                continue;
            }
            let mut client = Client::new(&server).with("Authorization", header);
            try_login(&mut client, "ada", PASSWORD).await.is(200);
            client.post("/password/reset/", &json!({"email": "ada@example.com"})).await.is(200);
            let name = format!("user{number}");
            let form = json!({"username": name, "email": format!("{name}@example.com"),
                "password1": NEW_PASSWORD, "password2": NEW_PASSWORD});
            client.post("/registration/", &form).await.is(201);
            client.post("/registration/verify-email/", &json!({"key": "unknown"})).await.is(404);
        }
    }
}

async fn where_no_jwts_are_issued_a_bearer_is_nobody(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut client = Client::new(&server).with_bearer("anything");
    client.get("/user/").await.says(401, "Authentication credentials were not provided.");
    client.get("/emails/").await.is(401);
    client.get("/csrf/").await.is(204);
    try_login(&mut client, "ada", PASSWORD).await.is(200);
}

async fn the_scheme_of_an_access_token_has_no_case(backend: Backend) {
    let exact = json!({"simple_jwt": {"auth_header_ignores_case": false}});
    for (config, status) in [(json!({}), 200), (exact, 401)] {
        let server = server(backend, merged(&jwt_mode(), &config)).await;
        let (access, _) = jwt_pair(&server).await;
        for scheme in ["bearer", "BEARER"] {
            let header = format!("{scheme} {access}");
            let mut client = Client::new(&server).with("Authorization", &header);
            client.get("/user/").await.is(status);
        }
        bearer(&server, &access).get("/user/").await.is(200);
    }
}
