//! What a provider issued for an account, for requests to it.

use rest_auth_flows::User;
use rest_auth_flows::social::connections::SocialAccount;
use rest_auth_flows::social::tokens::access_token;
use rest_auth_store::SocialToken;
use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use super::start;
use crate::fixture::*;

on_every_database!(
    tokens_are_kept_encrypted_where_they_are_asked_for,
    a_token_that_was_kept_as_it_is_is_read_whatever_its_form,
    a_token_that_ends_is_renewed,
    a_refresh_token_is_spent_once,
    a_renewal_that_was_broken_off_is_made_later,
    a_provider_that_is_down_costs_no_refresh_token,
);

/// A server that keeps tokens, after a login by a code, and the account.
async fn logged_in(backend: Backend) -> (Arc<Server>, OpenIdProvider, SocialAccount) {
    let keeping = json!({"socialaccount": {"store_tokens": true}});
    let (server, provider) = start(backend, keeping).await;
    let code = provider.code(json!({}), "https://app.example.com/callback");
    Client::new(&server).post("/example/", &json!({"code": code})).await.is(200);
    let found = server.auth().store().social_account::<User>("example", "user-1").await;
    let (account, _) = found.expect("the database answers").expect("the account");
    (server, provider, account)
}

async fn token(server: &Server, account: &SocialAccount) -> Option<String> {
    access_token(server.auth(), account).await.expect("the provider answers")
}

async fn tokens_are_kept_encrypted_where_they_are_asked_for(backend: Backend) {
    let (server, provider, account) = logged_in(backend).await;
    let kept = server.auth().store().social_token(&account, CLIENT_ID).await;
    let kept = kept.expect("the database answers").expect("tokens");
    assert!(!kept.token.contains("access-") && !kept.token_secret.contains("refresh-"));
    let found = token(&server, &account).await.expect("a token");
    assert!(found.starts_with("access-"), "{found}");
    assert_eq!(provider.calls("/token"), 1);
}

/// Django keeps tokens as they are, and those of Microsoft have three parts of which the first is `1`.
async fn a_token_that_was_kept_as_it_is_is_read_whatever_its_form(backend: Backend) {
    let (server, _provider, account) = logged_in(backend).await;
    for plain in ["1.AXoAkTGsCe3T.AgABAwEAAAB", "1.a.b", "1.0123abcd.AgAB", "ya29.a.b", "a"] {
        let kept =
            SocialToken { token: plain.to_owned(), token_secret: String::new(), expires_at: None };
        let stored = server.auth().store().keep_social_token(&account, CLIENT_ID, &kept).await;
        stored.expect("the database answers");
        assert_eq!(token(&server, &account).await.as_deref(), Some(plain));
    }
}

async fn a_token_that_ends_is_renewed(backend: Backend) {
    let (server, provider, account) = logged_in(backend).await;
    let first = token(&server, &account).await.expect("a token");
    // The provider says ten minutes; a minute before that it is renewed.
    server.advance(just_before(9 * MINUTE));
    assert_eq!(token(&server, &account).await.as_ref(), Some(&first));
    for exchanges in 2..=4 {
        server.advance(9 * MINUTE);
        let renewed = token(&server, &account).await.expect("another token");
        assert_ne!(renewed, first);
        assert_eq!(token(&server, &account).await, Some(renewed));
        assert_eq!(provider.calls("/token"), exchanges);
    }
    let last = provider.exchanges().pop().expect("an exchange");
    assert_eq!(last["grant_type"], "refresh_token");
    provider.end_refresh_tokens();
    server.advance(9 * MINUTE);
    assert_eq!(token(&server, &account).await, None);
}

async fn a_refresh_token_is_spent_once(backend: Backend) {
    let (server, provider, account) = logged_in(backend).await;
    for exchanges in 2..=3 {
        server.advance(10 * MINUTE);
        let asked = (0..10).map(|_| token(&server, &account));
        let found = futures_util::future::join_all(asked).await;
        assert!(found[0].is_some());
        assert!(found.iter().all(|token| *token == found[0]), "{found:?}");
        assert_eq!(provider.calls("/token"), exchanges);
    }
    let mut spent: Vec<_> =
        provider.exchanges().iter().filter_map(|form| form.get("refresh_token").cloned()).collect();
    let all = spent.len();
    spent.dedup();
    assert_eq!((spent.len(), all), (2, 2));
}

async fn a_renewal_that_was_broken_off_is_made_later(backend: Backend) {
    let (server, provider, account) = logged_in(backend).await;
    server.advance(10 * MINUTE);
    // The one whose turn it is stops in the middle, as when its server is killed.
    let mut renewal = Box::pin(token(&server, &account));
    while provider.calls("/token") < 2 {
        tokio::select! {
            _ = &mut renewal => panic!("the provider answers later"),
            () = tokio::time::sleep(Duration::from_millis(5)) => {}
        }
    }
    drop(renewal);
    provider.end_refresh_tokens();
    let server_of_others = Arc::clone(&server);
    let (one, other) = (account.clone(), account.clone());
    let waiting = tokio::spawn(async move { access_token(server_of_others.auth(), &one).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished(), "the turn is not over yet");
    server.advance(MINUTE);
    assert_eq!(waiting.await.expect("an end").expect("an answer"), None);
    assert_eq!(token(&server, &other).await, None);
}

async fn a_provider_that_is_down_costs_no_refresh_token(backend: Backend) {
    let (server, provider, account) = logged_in(backend).await;
    server.advance(10 * MINUTE);
    provider.set_down(true);
    assert!(access_token(server.auth(), &account).await.is_err());
    provider.set_down(false);
    assert!(token(&server, &account).await.is_some());
}
