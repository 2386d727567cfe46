//! JSON Web Tokens: rotation, families, verification.

use super::*;

async fn verify(server: &Arc<Server>, token: &str) -> Answer {
    Client::new(server).post("/token/verify/", &json!({"token": token})).await
}

#[tokio::test]
async fn each_refresh_hands_out_a_new_refresh_token() {
    let server = server(jwt_mode()).await;
    let (_, first) = jwt_pair(&server).await;
    let answer = refresh(&server, &first).await.of(200);
    let second = answer.text("refresh");
    assert_ne!(first, second);
    assert!(answer.document()["refresh_expiration"].is_string(), "{answer}");
    bearer(&server, &answer.text("access")).get("/user/").await.is(200);
    refresh(&server, &second).await.is(200);
}

#[tokio::test]
async fn in_cookies_the_new_refresh_token_is_in_its_cookie_only() {
    let server = server(jwt_cookie_mode()).await;
    let (mut client, answer) = login(&server).await;
    assert_eq!(answer.document()["refresh"], "");
    let first = client.cookies["refresh"].clone();
    client.get("/csrf/").await.is(204);
    let mut client = client.with_csrf();
    let answer = client.post("/token/refresh/", &json!({})).await.of(200);
    assert!(answer.document().get("refresh").is_none(), "{answer}");
    assert_ne!(client.cookies["refresh"], first);
    client.get("/user/").await.is(200);
}

#[tokio::test]
async fn within_ten_seconds_the_same_successor_comes_again_byte_for_byte() {
    let server = server(jwt_mode()).await;
    let (_, first) = jwt_pair(&server).await;
    let successor = refresh(&server, &first).await.of(200).text("refresh");
    for _ in 0..3 {
        server.advance(3 * SECOND);
        let again = refresh(&server, &first).await.of(200);
        assert_eq!(again.text("refresh"), successor);
        bearer(&server, &again.text("access")).get("/user/").await.is(200);
    }
    refresh(&server, &successor).await.is(200);
}

#[tokio::test]
async fn reuse_after_ten_seconds_ends_the_login_with_its_access_tokens() {
    let server = server(jwt_mode()).await;
    let (access, first) = jwt_pair(&server).await;
    let (other_access, other_refresh) = jwt_pair(&server).await;
    let answer = refresh(&server, &first).await.of(200);
    let (new_access, second) = (answer.text("access"), answer.text("refresh"));
    server.advance(10 * SECOND);
    refresh(&server, &first).await.says(401, "Token is blacklisted");
    refresh(&server, &second).await.is(401);
    for access in [&access, &new_access] {
        bearer(&server, access).get("/user/").await.is(401);
        verify(&server, access).await.is(401);
    }
    bearer(&server, &other_access).get("/user/").await.is(200);
    refresh(&server, &other_refresh).await.is(200);
}

#[tokio::test]
async fn reuse_of_a_grandparent_ends_the_login_too() {
    let server = server(jwt_mode()).await;
    let (_, first) = jwt_pair(&server).await;
    let second = refresh(&server, &first).await.text("refresh");
    server.advance(MINUTE);
    let third = refresh(&server, &second).await.text("refresh");
    server.advance(MINUTE);
    refresh(&server, &first).await.is(401);
    refresh(&server, &third).await.is(401);
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_end_up_with_the_same_token() {
    let server = server(jwt_mode()).await;
    let (_, first) = jwt_pair(&server).await;
    let second = refresh(&server, &first).await.text("refresh");
    let third = refresh(&server, &second).await.text("refresh");
    // The slower one gets what the other got, and from there the same as it.
    let again = refresh(&server, &first).await.of(200).text("refresh");
    assert_eq!(again, second);
    assert_eq!(refresh(&server, &again).await.of(200).text("refresh"), third);
}

#[tokio::test]
async fn refreshing_ends_thirty_days_after_the_login() {
    let server = server(jwt_mode()).await;
    let (_, mut token) = jwt_pair(&server).await;
    for _ in 0..29 {
        server.advance(DAY);
        token = refresh(&server, &token).await.of(200).text("refresh");
    }
    server.advance(just_before(DAY));
    let answer = refresh(&server, &token).await.of(200);
    server.advance(SECOND);
    refresh(&server, &answer.text("refresh")).await.is(401);
    bearer(&server, &answer.text("access")).get("/user/").await.is(401);
}

#[tokio::test]
async fn an_unused_refresh_token_works_for_thirty_days() {
    let server = server(jwt_mode()).await;
    let (_, token) = jwt_pair(&server).await;
    server.advance(just_before(30 * DAY));
    refresh(&server, &token).await.is(200);
    let (_, token) = jwt_pair(&server).await;
    server.advance(30 * DAY);
    refresh(&server, &token).await.is(401);
}

#[tokio::test]
async fn an_access_token_works_for_five_minutes() {
    let server = server(jwt_mode()).await;
    let (access, _) = jwt_pair(&server).await;
    server.advance(just_before(5 * MINUTE));
    bearer(&server, &access).get("/user/").await.is(200);
    server.advance(SECOND);
    bearer(&server, &access).get("/user/").await.is(401);
}

#[tokio::test]
async fn logout_ends_the_login_that_was_shown_and_no_other() {
    let server = server(jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    let (other_access, other_token) = jwt_pair(&server).await;
    bearer(&server, &access).post("/logout/", &json!({"refresh": token})).await.is(200);
    bearer(&server, &access).get("/user/").await.is(401);
    refresh(&server, &token).await.is(401);
    bearer(&server, &other_access).get("/user/").await.is(200);
    refresh(&server, &other_token).await.is(200);
}

#[tokio::test]
async fn an_access_token_alone_logs_its_login_out() {
    let server = server(jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    bearer(&server, &access).post("/logout/", &json!({})).await.is(200);
    bearer(&server, &access).get("/user/").await.is(401);
    refresh(&server, &token).await.is(401);
}

#[tokio::test]
async fn verify_refuses_refresh_tokens() {
    let server = server(jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    verify(&server, &access).await.is(200);
    verify(&server, &token).await.is(401);
}

#[tokio::test]
async fn verify_refuses_tokens_of_users_who_are_gone_or_disabled_or_signed_out() {
    let server = server(jwt_mode()).await;
    let (access, _) = jwt_pair(&server).await;
    bearer(&server, &access).post("/logout/", &json!({})).await.is(200);
    verify(&server, &access).await.is(401);
    let (access, _) = jwt_pair(&server).await;
    change(&server, "ada", json!({"is_active": false})).await;
    verify(&server, &access).await.is(401);
    change(&server, "ada", json!({"is_active": true})).await;
    let (access, _) = jwt_pair(&server).await;
    verify(&server, &access).await.is(200);
    server.change_user(json!({"username": "ada", "delete": true})).await.expect("she goes");
    verify(&server, &access).await.is(401);
}

#[tokio::test]
async fn a_refresh_token_lets_nobody_in_and_an_access_token_refreshes_nothing() {
    let server = server(jwt_mode()).await;
    let (access, token) = jwt_pair(&server).await;
    bearer(&server, &token).get("/user/").await.is(401);
    refresh(&server, &access).await.is(401);
}

#[tokio::test]
async fn a_token_with_another_signature_or_algorithm_is_none() {
    let server = server(jwt_mode()).await;
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
        verify(&server, &forged).await.is(401);
    }
}
