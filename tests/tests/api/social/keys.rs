//! The keys of a provider: when they are fetched.

use std::collections::BTreeSet;

use super::{by_id_token, start};
use crate::fixture::*;
use rest_auth_tests::provider::OpenIdProvider;

on_every_database!(
    a_thousand_logins_at_once_fetch_the_keys_once,
    keys_that_changed_are_fetched_a_minute_later,
    a_flood_of_invented_keys_fetches_once_a_minute,
    keys_are_fetched_again_when_they_are_old,
);

async fn a_thousand_logins_at_once_fetch_the_keys_once(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let grace = json!({"username": "grace", "email": "grace@example.org", "email_verified": true,
        "social_accounts": [{"provider": "example", "uid": "user-1"}]});
    create(&server, grace).await;
    let tokens: Vec<_> =
        (0..1_000).map(|n| provider.id_token(&json!({"jti": n.to_string()}))).collect();
    let logins = tokens.iter().map(|token| by_id_token(&server, token));
    let answers = futures_util::future::join_all(logins).await;
    let statuses: BTreeSet<_> = answers.iter().map(Answer::status).collect();
    assert_eq!(statuses, BTreeSet::from([200]));
    assert_eq!(provider.calls("/keys"), 1);
}

async fn keys_that_changed_are_fetched_a_minute_later(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.is(200);
    provider.rotate_keys();
    let token = provider.id_token(&json!({"jti": "2"}));
    server.advance(just_before(MINUTE));
    by_id_token(&server, &token).await.is(400);
    assert_eq!(provider.calls("/keys"), 1);
    server.advance(SECOND);
    by_id_token(&server, &token).await.is(200);
    assert_eq!(provider.calls("/keys"), 2);
}

async fn a_flood_of_invented_keys_fetches_once_a_minute(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.is(200);
    let other = OpenIdProvider::start().await;
    for minute in 1..=3 {
        let flood = (0..50).map(|_| {
            other.rotate_keys();
            other.id_token(&json!({"iss": provider.url()}))
        });
        let flood: Vec<_> = flood.collect();
        let tries = flood.iter().map(|token| by_id_token(&server, token));
        let answers = futures_util::future::join_all(tries).await;
        assert_eq!(count(&answers, 400), answers.len());
        assert_eq!(provider.calls("/keys"), minute);
        // Who has a good key is served beside it.
        let token = provider.id_token(&json!({"jti": minute.to_string()}));
        by_id_token(&server, &token).await.is(200);
        server.advance(MINUTE);
    }
}

async fn keys_are_fetched_again_when_they_are_old(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let login = async |jti: &str| {
        let ends = server.now().timestamp() + 600;
        let token = provider.id_token(&json!({"jti": jti, "exp": ends}));
        by_id_token(&server, &token).await.status()
    };
    assert_eq!(login("1").await, 200);
    server.advance(just_before(HOUR));
    assert_eq!((login("2").await, provider.calls("/keys")), (200, 1));
    server.advance(SECOND);
    assert_eq!((login("3").await, provider.calls("/keys")), (200, 2));
    // What is kept goes on for a day while the provider does not answer.
    provider.set_down(true);
    server.advance(HOUR);
    assert_eq!(login("4").await, 200);
    server.advance(DAY);
    assert_eq!(login("5").await, 502);
    provider.set_down(false);
}
