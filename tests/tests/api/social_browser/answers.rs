//! Answers that are to another login, or another provider's. What each attack rests on is named beside
//! it.

use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use super::{FRONT, begun, browser, location, start};
use crate::fixture::*;

on_every_database!(
    an_id_token_of_another_login_is_refused,
    an_answer_without_the_id_token_is_refused,
    an_answer_begun_at_another_provider_is_refused,
    an_issuer_that_is_not_known_must_be_where_the_browser_was_sent,
    a_connection_that_was_begun_ends_with_the_password,
);

/// Begins a login in a browser, and says yes at the provider with these claims.
async fn answered(browser: &mut Client, provider: &OpenIdProvider, claims: Value) -> Answer {
    let there = location(&browser.get("/example/begin/").await);
    let query = provider.consent(&provider.asked(&there), claims);
    browser.get(&format!("/example/callback/?{query}")).await
}

async fn is_refused(server: &Arc<Server>, provider: &OpenIdProvider, claims: Value, why: &str) {
    let mut browser = browser(server);
    let answer = answered(&mut browser, provider, claims.clone()).await;
    assert_eq!(location(&answer), format!("{FRONT}?error={why}"), "{claims}");
    browser.get("/user/").await.is(401);
}

/// 8: an ID token that was stolen elsewhere and put into this login.
async fn an_id_token_of_another_login_is_refused(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    let mut attacker = browser(&server);
    let there = location(&attacker.get("/example/begin/").await);
    let elsewhere = provider.asked(&there).get("nonce").to_owned();
    for nonce in [json!(elsewhere), json!("another"), json!(""), json!(null), json!(7), json!([])] {
        is_refused(&server, &provider, json!({"nonce": nonce}), "login_failed").await;
    }
    // With the one of this login it is this login's.
    let mut browser = browser(&server);
    assert_eq!(location(&answered(&mut browser, &provider, json!({})).await), FRONT);
    browser.get("/user/").await.is(200);
}

/// 8: without an ID token nothing is bound to the nonce.
async fn an_answer_without_the_id_token_is_refused(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    provider.withhold_id_tokens();
    is_refused(&server, &provider, json!({}), "login_failed").await;
    assert_eq!(provider.calls("/userinfo"), 0);
    // Where none is asked for, the proof key of the code has to do.
    let plain = json!({
        "account": {"email_verification": "optional"},
        "socialaccount": {"providers": {"example": {"scope": ["profile"]}}},
    });
    let (server, provider) = start(backend, merged(&session_mode(), &plain)).await;
    provider.withhold_id_tokens();
    let mut browser = browser(&server);
    assert_eq!(location(&answered(&mut browser, &provider, json!({})).await), FRONT);
}

/// 11: the state of one provider with the answer of another (allauth 65.20.0).
async fn an_answer_begun_at_another_provider_is_refused(backend: Backend) {
    let other = OpenIdProvider::start().await;
    let both = json!({"socialaccount": {"providers": {"other": {
        "server_url": other.url(), "client_id": CLIENT_ID, "secret": "s",
    }}}});
    let (server, provider) = start(backend, merged(&session_mode(), &both)).await;
    for (begun, ended) in [("example", "other"), ("other", "example")] {
        let mut browser = browser(&server);
        let there = location(&browser.get(&format!("/{begun}/begin/")).await);
        let of = if begun == "example" { &provider } else { &other };
        let query = of.consent(&of.asked(&there), json!({}));
        let answer = browser.get(&format!("/{ended}/callback/?{query}")).await;
        assert_eq!(location(&answer), format!("{FRONT}?error=state_invalid"));
        // The state is used up, at its own provider too.
        let answer = browser.get(&format!("/{begun}/callback/?{query}")).await;
        assert_eq!(location(&answer), format!("{FRONT}?error=state_invalid"));
        browser.get("/user/").await.is(401);
    }
    assert_eq!((provider.calls("/token"), other.calls("/token")), (0, 0));
}

/// 11: a provider of which no issuer is known, because it had none to name when it was set up.
async fn an_issuer_that_is_not_known_must_be_where_the_browser_was_sent(backend: Backend) {
    let provider = OpenIdProvider::start().await;
    let table = json!({
        "client_id": CLIENT_ID,
        "secret": "s",
        "authorize_url": format!("{}/authorize", provider.url()),
        "access_token_url": format!("{}/token", provider.url()),
        "identity_url": format!("{}/userinfo", provider.url()),
        "uid_field": "sub",
    });
    let plain = json!({
        "account": {"email_verification": "optional"},
        "socialaccount": {"providers": {"plain": table}},
    });
    let (server, _example) = start(backend, merged(&session_mode(), &plain)).await;
    let go = async |issuer: Option<&str>| {
        let mut browser = browser(&server);
        let there = location(&browser.get("/plain/begin/").await);
        let query = provider.consent(&provider.asked(&there), json!({}));
        let query = query.split("&iss=").next().expect("a query").to_owned();
        let issuer = issuer.map(|issuer| format!("&iss={issuer}")).unwrap_or_default();
        location(&browser.get(&format!("/plain/callback/?{query}{issuer}")).await)
    };
    for wrong in ["https://evil.example", "https://127.0.0.1", "http://127.0.0.1:1", "x", ""] {
        assert_eq!(go(Some(wrong)).await, format!("{FRONT}?error=provider_error"), "{wrong}");
    }
    assert_eq!(provider.calls("/token"), 0);
    let below = format!("{}/oauth", provider.url());
    for good in [None, Some(provider.url()), Some(&below)] {
        assert_eq!(go(good).await, FRONT, "{good:?}");
    }
}

/// 12: what was begun before the owner took their account back is not carried on.
async fn a_connection_that_was_begun_ends_with_the_password(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    let server = with_ada(server).await;
    let mut browser = browser(&server).with("Origin", "https://api.example.com");
    browser.post("/login/", &credentials("ada", PASSWORD)).await.is(204);
    let mut browser = browser.with_csrf();
    let there =
        location(&browser.get(&begun(&mut browser.clone(), "example", json!({})).await).await);
    let query = provider.consent(&provider.asked(&there), json!({}));
    change(&server, "ada", json!({"password": NEW_PASSWORD})).await;
    let answer = browser.get(&format!("/example/callback/?{query}")).await;
    assert_eq!(location(&answer), format!("{FRONT}?error=state_invalid"));
    let found = server.auth().store().social_account::<rest_auth_flows::User>("example", "user-1");
    assert!(found.await.expect("the database answers").is_none());
}
