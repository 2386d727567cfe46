//! Token refresh: rotation, and families of tokens that end as a whole.

use rest_auth_store::testing::{TestDatabase, statements};

use crate::fixture::*;

on_every_database!(
    each_refresh_hands_out_a_new_refresh_token,
    in_cookies_the_new_refresh_token_is_in_its_cookie_only,
    within_ten_seconds_the_same_successor_comes_again_byte_for_byte,
    reuse_after_ten_seconds_ends_the_login_with_its_access_tokens,
    a_client_that_lost_the_answer_gets_it_again_until_it_has_used_it,
    a_grace_of_zero_forgives_no_lost_answer,
    a_server_whose_clock_is_behind_takes_fresh_tokens,
    reuse_of_a_grandparent_ends_the_login_too,
    two_tabs_that_refresh_at_once_end_up_with_the_same_token,
    refreshing_ends_thirty_days_after_the_login,
    an_unused_refresh_token_works_for_thirty_days,
    a_refresh_without_rotation_runs_one_statement_or_two,
    a_token_that_django_has_blacklisted_is_refused,
);

async fn each_refresh_hands_out_a_new_refresh_token(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (_, first) = jwt_pair(&server).await;
    let answer = refresh(&server, &first).await.of(200);
    let second = answer.text("refresh");
    assert_ne!(first, second);
    assert!(answer.document()["refresh_expiration"].is_string(), "{answer}");
    bearer(&server, &answer.text("access")).get("/user/").await.is(200);
    refresh(&server, &second).await.is(200);
}

async fn in_cookies_the_new_refresh_token_is_in_its_cookie_only(backend: Backend) {
    let server = server(backend, jwt_cookie_mode()).await;
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

async fn within_ten_seconds_the_same_successor_comes_again_byte_for_byte(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
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

async fn reuse_after_ten_seconds_ends_the_login_with_its_access_tokens(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (access, first) = jwt_pair(&server).await;
    let (other_access, other_refresh) = jwt_pair(&server).await;
    let answer = refresh(&server, &first).await.of(200);
    let (new_access, second) = (answer.text("access"), answer.text("refresh"));
    let third = refresh(&server, &second).await.of(200).text("refresh");
    server.advance(10 * SECOND);
    refresh(&server, &first).await.says(401, "Token is blacklisted");
    for token in [&second, &third] {
        refresh(&server, token).await.is(401);
    }
    for access in [&access, &new_access] {
        bearer(&server, access).get("/user/").await.is(401);
        verify_token(&server, access).await.is(401);
    }
    bearer(&server, &other_access).get("/user/").await.is(200);
    refresh(&server, &other_refresh).await.is(200);
}

async fn a_client_that_lost_the_answer_gets_it_again_until_it_has_used_it(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (_, first) = jwt_pair(&server).await;
    let second = refresh(&server, &first).await.of(200).text("refresh");
    for pause in [11 * SECOND, HOUR, 22 * HOUR] {
        server.advance(pause);
        let again = refresh(&server, &first).await.of(200);
        assert_eq!(again.text("refresh"), second);
        bearer(&server, &again.text("access")).get("/user/").await.is(200);
    }
    let third = refresh(&server, &second).await.of(200).text("refresh");
    server.advance(11 * SECOND);
    refresh(&server, &first).await.says(401, "Token is blacklisted");
    refresh(&server, &third).await.is(401);
    let (_, first) = jwt_pair(&server).await;
    refresh(&server, &first).await.is(200);
    server.advance(DAY);
    refresh(&server, &first).await.says(401, "Token is blacklisted");
}

async fn a_grace_of_zero_forgives_no_lost_answer(backend: Backend) {
    let config = merged(&jwt_mode(), &json!({"simple_jwt": {"reuse_grace": 0}}));
    let server = server(backend, config).await;
    let (_, first) = jwt_pair(&server).await;
    refresh(&server, &first).await.is(200);
    refresh(&server, &first).await.says(401, "Token is blacklisted");
}

async fn a_server_whose_clock_is_behind_takes_fresh_tokens(backend: Backend) {
    let database = TestDatabase::migrated(backend).await.expect("a database");
    let config = merged(&base(), &jwt_mode());
    let noon = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let start = async |seconds| {
        let moment = noon + chrono::TimeDelta::seconds(seconds);
        let server = Server::start_beside(&config, &database, moment).await;
        Arc::new(server.expect("the server starts"))
    };
    let (ahead, behind) = (start(45).await, start(0).await);
    let ada = json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true});
    create(&ahead, ada).await;
    let (access, first) = jwt_pair(&ahead).await;
    bearer(&behind, &access).get("/user/").await.is(200);
    verify_token(&behind, &access).await.is(200);
    let second = refresh(&behind, &first).await.of(200).text("refresh");
    assert_eq!(refresh(&ahead, &first).await.of(200).text("refresh"), second);
    let third = refresh(&ahead, &second).await.of(200).text("refresh");
    assert_eq!(refresh(&behind, &second).await.of(200).text("refresh"), third);
    let far_behind = start(-20).await;
    bearer(&far_behind, &access).get("/user/").await.is(401);
}

async fn reuse_of_a_grandparent_ends_the_login_too(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (_, first) = jwt_pair(&server).await;
    let second = refresh(&server, &first).await.text("refresh");
    server.advance(MINUTE);
    let third = refresh(&server, &second).await.text("refresh");
    server.advance(MINUTE);
    refresh(&server, &first).await.is(401);
    refresh(&server, &third).await.is(401);
}

async fn two_tabs_that_refresh_at_once_end_up_with_the_same_token(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (_, first) = jwt_pair(&server).await;
    let second = refresh(&server, &first).await.text("refresh");
    let third = refresh(&server, &second).await.text("refresh");
    // The slower one gets what the other got, and from there the same as it.
    let again = refresh(&server, &first).await.of(200).text("refresh");
    assert_eq!(again, second);
    assert_eq!(refresh(&server, &again).await.of(200).text("refresh"), third);
}

async fn refreshing_ends_thirty_days_after_the_login(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
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

async fn an_unused_refresh_token_works_for_thirty_days(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (_, token) = jwt_pair(&server).await;
    server.advance(just_before(30 * DAY));
    refresh(&server, &token).await.is(200);
    let (_, token) = jwt_pair(&server).await;
    server.advance(30 * DAY);
    refresh(&server, &token).await.is(401);
}

async fn a_refresh_without_rotation_runs_one_statement_or_two(backend: Backend) {
    for (verification, wanted) in [("optional", 1), ("mandatory", 2)] {
        let settings = json!({"simple_jwt": {"rotate_refresh_tokens": false},
            "account": {"email_verification": verification}});
        let server = server(backend, merged(&jwt_mode(), &settings)).await;
        let (_, token) = jwt_pair(&server).await;
        let before = statements();
        refresh(&server, &token).await.is(200);
        // The user with the family and the blacklist; and the addresses, which must be verified.
        assert_eq!(statements() - before, wanted, "{verification}");
    }
}

async fn a_token_that_django_has_blacklisted_is_refused(backend: Backend) {
    let server = server(backend, jwt_mode()).await;
    let (_, token) = jwt_pair(&server).await;
    let (_, other) = jwt_pair(&server).await;
    let blacklist = "INSERT INTO token_blacklist_blacklistedtoken (blacklisted_at, token_id) \
                     SELECT created_at, id FROM token_blacklist_outstandingtoken WHERE id = 1";
    server.database().execute(blacklist).await.expect("it is blacklisted");
    refresh(&server, &token).await.says(401, "Token is blacklisted");
    refresh(&server, &other).await.is(200);
    let delete = "DELETE FROM rest_auth_refresh_token";
    server.database().execute(delete).await.expect("the token is of no family");
    refresh(&server, &token).await.says(401, "Token is blacklisted");
}
