//! Logout.

use crate::fixture::*;

on_every_database!(
    logout_ends_the_token_that_was_shown_and_no_other,
    logout_ends_the_login_that_was_shown_and_no_other,
    an_access_token_alone_logs_its_login_out,
    logout_ends_the_session_on_the_server,
);

async fn logout_ends_the_token_that_was_shown_and_no_other(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut one, _) = token_client(&server).await;
    let (mut other, _) = token_client(&server).await;
    one.post("/logout/", &json!({})).await.is(200);
    one.get("/user/").await.says(401, "Invalid token.");
    other.get("/user/").await.is(200);
}

async fn logout_ends_the_login_that_was_shown_and_no_other(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    let (other_access, other_token) = jwt_pair(&server).await;
    bearer(&server, &access).post("/logout/", &json!({"refresh": token})).await.is(200);
    bearer(&server, &access).get("/user/").await.is(401);
    refresh(&server, &token).await.is(401);
    bearer(&server, &other_access).get("/user/").await.is(200);
    refresh(&server, &other_token).await.is(200);
}

async fn an_access_token_alone_logs_its_login_out(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    bearer(&server, &access).post("/logout/", &json!({})).await.is(200);
    bearer(&server, &access).get("/user/").await.is(401);
    refresh(&server, &token).await.is(401);
}

async fn logout_ends_the_session_on_the_server(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (client, _) = login(&server).await;
    let mut copy = client.clone();
    let mut client = client.with_csrf();
    client.post("/logout/", &json!({})).await.is(200);
    assert!(!client.cookies.contains_key("sessionid"), "the cookie stays");
    copy.get("/user/").await.is(401);
}
