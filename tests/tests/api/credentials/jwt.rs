//! Access tokens.

use crate::fixture::*;

on_every_database!(
    an_access_token_works_for_five_minutes,
    a_refresh_token_lets_nobody_in_and_an_access_token_refreshes_nothing,
    a_token_with_another_signature_or_algorithm_is_none,
    tokens_name_the_user_by_the_configured_column,
);

/// What a token says, unverified.
fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap_or_default();
    let json = rest_auth_domain::encoding::from_base64url(part).expect("base64");
    serde_json::from_slice(&json).expect("claims")
}

async fn tokens_name_the_user_by_the_configured_column(backend: Backend) {
    for profile in ["strict", "django"] {
        for (field, name) in [("username", "ada"), ("email", "ada@example.com"), ("id", "1")] {
            let own = json!({
                "profile": profile,
                "simple_jwt": {"user_id_field": field},
                "rest_framework": {"default_authentication_classes": ["jwt"]},
            });
            let server = server(backend, merged(&jwt_mode(), &own)).await;
            let (access, token) = jwt_pair(&server).await;
            assert_eq!(claims(&access)["user_id"], name);
            assert_eq!(claims(&token)["user_id"], name);
            bearer(&server, &access).get("/user/").await.is(200);
            verify_token(&server, &access).await.is(200);
            let renewed = refresh(&server, &token).await.of(200);
            assert_eq!(claims(&renewed.text("access"))["user_id"], name);
            // The name goes to another user: no token goes with it where logins are told apart.
            change(&server, "ada", json!({"username": "ada2", "email": "ada2@example.com"})).await;
            if field == "id" {
                continue;
            }
            let old = renewed.text("access");
            bearer(&server, &old).get("/user/").await.is(401);
            create(
                &server,
                json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com"}),
            )
            .await;
            let status = bearer(&server, &old).get("/user/").await.status();
            assert_eq!(status, if profile == "strict" { 401 } else { 200 }, "{field}");
        }
    }
}

async fn an_access_token_works_for_five_minutes(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, _) = jwt_pair(&server).await;
    server.advance(just_before(5 * MINUTE));
    bearer(&server, &access).get("/user/").await.is(200);
    server.advance(SECOND);
    bearer(&server, &access).get("/user/").await.is(401);
}

async fn a_refresh_token_lets_nobody_in_and_an_access_token_refreshes_nothing(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    bearer(&server, &token).get("/user/").await.is(401);
    refresh(&server, &access).await.is(401);
}

async fn a_token_with_another_signature_or_algorithm_is_none(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, _) = jwt_pair(&server).await;
    let [head, claims, signature] = access.split('.').collect::<Vec<_>>()[..] else {
        panic!("{access} has not three parts")
    };
    // {"alg":"none","typ":"JWT"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let swapped: String = signature.chars().rev().collect();
    for forged in [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{head}.{claims}."),
        format!("{head}.{claims}.{swapped}"),
        format!("{head}.{claims}"),
    ] {
        bearer(&server, &forged).get("/user/").await.is(401);
        verify_token(&server, &forged).await.is(401);
    }
}
