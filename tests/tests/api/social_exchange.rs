//! The code by which a front end gets the credentials of a login that ended in the browser.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rest_auth_tests::provider::OpenIdProvider;
use sha2::{Digest as _, Sha256};

use crate::fixture::*;
use crate::mfa;
use crate::social::by_id_token;
use crate::social_browser::{browser, go, location, start};

on_every_database!(
    a_code_works_once,
    a_code_ends_after_a_minute_and_with_the_password,
    a_code_belongs_to_the_front_end_that_began_the_login,
    a_sign_up_belongs_to_the_front_end_that_began_the_login,
    a_code_ends_with_the_connection_of_its_account,
);

fn by_code() -> Value {
    merged(&token_mode(), &json!({"socialaccount": {"hand_over": "code"}}))
}

async fn code(server: &Arc<Server>, provider: &OpenIdProvider, begin: &str) -> String {
    let back = location(&go(&mut browser(server), provider, begin).await);
    back.split("?code=").nth(1).unwrap_or_else(|| panic!("no code: {back}")).to_owned()
}

async fn exchange(server: &Arc<Server>, form: Value) -> Answer {
    Client::new(server).post("/social/exchange/", &form).await
}

async fn a_code_works_once(backend: Backend) {
    let (server, provider) = start(backend, by_code()).await;
    let code = code(&server, &provider, "/example/begin/").await;
    let tries = (0..10).map(|_| exchange(&server, json!({"code": code})));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 9));
    for wrong in ["", "x", "ra_code_x", "ra_state_x"] {
        exchange(&server, json!({"code": wrong})).await.is(400);
    }
}

async fn a_code_ends_after_a_minute_and_with_the_password(backend: Backend) {
    let (server, provider) = start(backend, by_code()).await;
    let late = code(&server, &provider, "/example/begin/").await;
    server.advance(MINUTE + SECOND);
    exchange(&server, json!({"code": late})).await.says(400, "Invalid code.");
    let over = code(&server, &provider, "/example/begin/").await;
    change(&server, "grace", json!({"password": NEW_PASSWORD})).await;
    exchange(&server, json!({"code": over})).await.says(400, "Invalid code.");
}

async fn a_code_belongs_to_the_front_end_that_began_the_login(backend: Backend) {
    let (server, provider) = start(backend, by_code()).await;
    let secret = "a-secret-of-the-app-that-nobody-else-has-got-0";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(secret));
    let begin = format!("/example/begin/?code_challenge={challenge}");
    let stolen = code(&server, &provider, &begin).await;
    exchange(&server, json!({"code": stolen})).await.is(400);
    let own = code(&server, &provider, &begin).await;
    exchange(&server, json!({"code": own, "code_verifier": secret})).await.is(200);
    // A login that somebody else began, without a secret, is not this front end's.
    let planted = code(&server, &provider, "/example/begin/").await;
    exchange(&server, json!({"code": planted, "code_verifier": secret})).await.is(400);
    browser(&server).get("/example/begin/?code_challenge=short").await.says(400, "code_challenge");
}

/// A token that somebody else's login ended with would make them an owner of the account.
async fn a_sign_up_belongs_to_the_front_end_that_began_the_login(backend: Backend) {
    let asking = json!({"socialaccount": {"auto_signup": false, "signup_step": true}});
    let (server, provider) = start(backend, merged(&by_code(), &asking)).await;
    let secret = "a-secret-of-the-app-that-nobody-else-has-got-0";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(secret));
    let own = format!("/example/begin/?code_challenge={challenge}");
    let waiting = async |begin: &str| {
        let back = location(&go(&mut browser(&server), &provider, begin).await);
        let token = back.split("?signup_token=").nth(1).map(str::to_owned);
        token.unwrap_or_else(|| panic!("no token: {back}"))
    };
    let complete = async |form: Value| Client::new(&server).post("/social/signup/", &form).await;
    let planted = waiting("/example/begin/").await;
    let form = json!({"signup_token": planted, "code_verifier": secret});
    complete(form).await.says(400, "signup_token");
    let token = waiting(&own).await;
    for verifier in ["", "another-secret"] {
        let form = json!({"signup_token": token, "code_verifier": verifier});
        complete(form).await.says(400, "signup_token");
    }
    complete(json!({"signup_token": token, "code_verifier": secret})).await.is(200);
}

/// Also a login by the account that waits for its second step.
async fn a_code_ends_with_the_connection_of_its_account(backend: Backend) {
    let (server, provider) = start(backend, by_code()).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
            "email_verified": true, "totp_secret": mfa::SECRET,
            "social_accounts": [{"provider": "example", "uid": "user-1"}]}),
    )
    .await;
    let mut ada = mfa::logged_in(&server).await;
    let handed_over = code(&server, &provider, "/example/begin/").await;
    let waiting = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200);
    let waiting = waiting.text("ephemeral_token");
    let id = ada.get("/socialaccounts/").await.of(200).document()[0]["id"].clone();
    let path = format!("/socialaccounts/{id}/disconnect/");
    ada.post(&path, &json!({})).await.is(200);
    exchange(&server, json!({"code": handed_over})).await.says(400, "Invalid code.");
    let shown = mfa::next_code(&server);
    let answer = mfa::verify(&mut Client::new(&server), &waiting, &shown).await;
    answer.says(400, "Invalid or expired token.");
    ada.get("/user/").await.is(200);
}
