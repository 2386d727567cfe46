//! Proofs that are somebody else's, or about something else. What each attack rests on is named beside
//! it.

use super::start;
use crate::fixture::*;

on_every_database!(
    the_profile_must_be_about_the_user_of_the_id_token,
    an_access_token_beside_an_id_token_says_nothing,
    an_answer_without_the_id_token_that_binds_it_is_refused,
    what_is_longer_than_any_proof_is_shown_to_no_provider,
);

const CALLBACK: &str = "https://app.example.com/callback";

async fn by_code(server: &Arc<Server>, form: Value) -> Answer {
    Client::new(server).post("/example/", &form).await
}

/// How many accounts there are.
async fn accounts(server: &Server) -> usize {
    let mut found = 0;
    for uid in ["user-1", "victim"] {
        let account = server.auth().store().social_account::<rest_auth_flows::User>("example", uid);
        found += usize::from(account.await.expect("the database answers").is_some());
    }
    found
}

/// 9: the profile of one user, and the ID token of another.
async fn the_profile_must_be_about_the_user_of_the_id_token(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    for profile in [
        json!({"sub": "victim", "email": "victim@example.org", "email_verified": true}),
        json!({"sub": 1}),
        json!({"sub": null}),
        json!({"email": "victim@example.org", "email_verified": true}),
        json!([]),
    ] {
        let code = provider.code_with_profile(json!({"sub": "user-1"}), profile.clone(), CALLBACK);
        let answer = by_code(&server, json!({"code": code})).await;
        assert_eq!(answer.status(), 400, "{profile}: {answer}");
        assert_eq!(accounts(&server).await, 0);
    }
    let profile = json!({"sub": "user-1"});
    let code = provider.code_with_profile(json!({"sub": "user-1"}), profile, CALLBACK);
    by_code(&server, json!({"code": code})).await.is(200);
}

/// 7 and 9: an access token of another application beside a good ID token.
async fn an_access_token_beside_an_id_token_says_nothing(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let victim = provider.access_token(json!({"sub": "victim", "email": "victim@example.org"}));
    let form = json!({"access_token": victim, "id_token": provider.id_token(&json!({}))});
    let key = Client::new(&server).post("/example/", &form).await.of(200).text("key");
    let mut client = Client::new(&server).with_token(&key);
    assert_eq!(client.get("/socialaccounts/").await.document()[0]["uid"], "user-1");
    assert_eq!(provider.calls("/userinfo"), 0);
}

/// 8: an answer that is bound to no request, because the ID token is missing.
async fn an_answer_without_the_id_token_that_binds_it_is_refused(backend: Backend) {
    let optional = json!({"account": {"email_verification": "optional"}});
    let (server, provider) = start(backend, optional).await;
    provider.withhold_id_tokens();
    let code = || provider.code(json!({}), CALLBACK);
    let form = json!({"code": code(), "nonce": "the nonce of this request"});
    by_code(&server, form).await.says(400, "Failed to exchange code for access token");
    assert_eq!(accounts(&server).await, 0);
    // Who asked for none gets none: the profile tells who it is, as in dj-rest-auth.
    by_code(&server, json!({"code": code()})).await.is(200);
    assert_eq!(accounts(&server).await, 1);
}

/// A request that is too long may be cut off without an answer, as if the provider were down: it would
/// be left alone for a while, and nobody could log in by it.
async fn what_is_longer_than_any_proof_is_shown_to_no_provider(backend: Backend) {
    let trusting = json!({"socialaccount": {"check_access_token_audience": false}});
    let (server, provider) = start(backend, trusting).await;
    let long = "a".repeat(9_000);
    for name in ["access_token", "code", "code_verifier", "device_id"] {
        let mut form =
            json!({"code": provider.code(json!({}), CALLBACK), "callback_url": CALLBACK});
        form[name] = json!(long);
        by_code(&server, form).await.says(400, "Incorrect value");
    }
    assert_eq!((provider.calls("/token"), provider.calls("/userinfo")), (0, 0));
    assert_eq!(accounts(&server).await, 0);
}
