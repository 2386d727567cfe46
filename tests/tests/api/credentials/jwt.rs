//! Access tokens.

use crate::fixture::*;

on_every_database!(
    an_access_token_works_for_five_minutes,
    a_refresh_token_lets_nobody_in_and_an_access_token_refreshes_nothing,
    a_token_with_another_signature_or_algorithm_is_none,
);

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
