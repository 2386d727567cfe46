//! Token verification.

use crate::fixture::*;

on_every_database!(
    verify_refuses_refresh_tokens,
    verify_refuses_tokens_of_users_who_are_gone_or_disabled_or_signed_out,
);

async fn verify_refuses_refresh_tokens(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    verify_token(&server, &access).await.is(200);
    verify_token(&server, &token).await.is(401);
}

async fn verify_refuses_tokens_of_users_who_are_gone_or_disabled_or_signed_out(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, _) = jwt_pair(&server).await;
    bearer(&server, &access).post("/logout/", &json!({})).await.is(200);
    verify_token(&server, &access).await.is(401);
    let (access, _) = jwt_pair(&server).await;
    change(&server, "ada", json!({"is_active": false})).await;
    verify_token(&server, &access).await.is(401);
    change(&server, "ada", json!({"is_active": true})).await;
    let (access, _) = jwt_pair(&server).await;
    verify_token(&server, &access).await.is(200);
    server.change_user(json!({"username": "ada", "delete": true})).await.expect("Ada is deleted");
    verify_token(&server, &access).await.is(401);
}
