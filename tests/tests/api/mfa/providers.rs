//! What a provider says is one factor, in whatever form it comes.

use rest_auth_tests::provider::OpenIdProvider;

use super::*;
use crate::social::by_id_token;
use crate::social_browser::{browser, go, location, start};

on_every_database!(
    each_form_of_a_providers_word_stops_at_the_second_step,
    a_browser_with_a_second_factor_gets_no_cookie_from_a_provider,
    what_the_provider_asked_for_is_told_and_is_one_factor,
    connecting_an_account_asks_for_no_second_step,
);

/// A server where Grace, whom the provider knows, has an authenticator app; and its secret.
async fn with_grace(backend: Backend, config: Value) -> (Arc<Server>, OpenIdProvider, String) {
    let unlimited = json!({"account": {"rate_limits": false}});
    let (server, provider) = start(backend, merged(&unlimited, &config)).await;
    let mut client = browser(&server).with("Origin", "https://api.example.com");
    let form = json!({"id_token": provider.id_token(&json!({"jti": "first"}))});
    let answer = client.post("/example/", &form).await;
    let mut client = going_on(client, &answer);
    let (secret, _) = enroll(&server, &mut client).await;
    server.advance(MINUTE);
    (server, provider, secret)
}

/// The client with the credentials of a login, of whatever kind.
fn going_on(client: Client, answer: &Answer) -> Client {
    match answer.status() {
        204 => client.with_csrf(),
        _ if answer.document().get("key").is_some() => client.with_token(&answer.text("key")),
        _ => client.with_bearer(&answer.text("access")),
    }
}

fn ephemeral_token(answer: &Answer) -> String {
    assert_eq!(answer.document()["mfa_required"], true, "{answer}");
    assert!(answer.document().get("key").is_none(), "{answer}");
    answer.text("ephemeral_token")
}

async fn each_form_of_a_providers_word_stops_at_the_second_step(backend: Backend) {
    let by_code = json!({"socialaccount": {"hand_over": "code"}});
    let (server, provider, secret) = with_grace(backend, merged(&token_mode(), &by_code)).await;
    let by_token = by_id_token(&server, &provider.id_token(&json!({"jti": "second"}))).await;
    ephemeral_token(&by_token.of(200));
    let code = provider.code(json!({}), "https://app.example.com/callback");
    let by_code = Client::new(&server).post("/example/", &json!({"code": code})).await;
    ephemeral_token(&by_code.of(200));
    let back = location(&go(&mut browser(&server), &provider, "/example/begin/").await);
    let code = back.split("?code=").nth(1).unwrap_or_else(|| panic!("no code: {back}"));
    let exchange = Client::new(&server).post("/social/exchange/", &json!({"code": code})).await;
    let token = ephemeral_token(&exchange.of(200));
    let code = code_of(&server, &secret, 0);
    let done = verify(&mut Client::new(&server), &token, &code).await.of(200);
    let mut grace = Client::new(&server).with_token(&done.text("key"));
    assert_eq!(grace.get("/user/").await.of(200).text("username"), "grace");
}

async fn a_browser_with_a_second_factor_gets_no_cookie_from_a_provider(backend: Backend) {
    let (server, provider, secret) = with_grace(backend, session_mode()).await;
    let mut page = browser(&server).with("Origin", "https://api.example.com");
    let answer = go(&mut page, &provider, "/example/begin/").await;
    assert!(answer.set_cookie("sessionid").is_none(), "{answer}");
    page.get("/user/").await.is(401);
    let back = location(&answer);
    let code = back.split("?code=").nth(1).unwrap_or_else(|| panic!("no code: {back}"));
    let exchange = page.post("/social/exchange/", &json!({"code": code})).await.of(200);
    let token = ephemeral_token(&exchange);
    verify(&mut page, &token, &code_of(&server, &secret, 0)).await.is(204);
    assert_eq!(page.get("/user/").await.of(200).text("username"), "grace");
}

async fn what_the_provider_asked_for_is_told_and_is_one_factor(backend: Backend) {
    let by_code = json!({"socialaccount": {"hand_over": "code"}});
    let (server, provider) = start(backend, merged(&jwt_mode(), &by_code)).await;
    let said_there = json!({"jti": "first", "amr": ["pwd", "mfa", "two words"], "acr": "high"});
    let done = by_id_token(&server, &provider.id_token(&said_there)).await.of(200);
    let (_, amr, acr) = claims::said(&done.text("access"));
    assert_eq!((amr, acr), (json!(["fed", "pwd", "mfa"]), json!("aal1")));
    let renewed = refresh(&server, &done.text("refresh")).await.of(200);
    let (_, amr, _) = claims::said(&renewed.text("access"));
    assert_eq!(amr, json!(["fed", "pwd", "mfa"]));
}

/// Who connects an account is logged in, and goes on with the credentials that they have.
async fn connecting_an_account_asks_for_no_second_step(backend: Backend) {
    let by_code = json!({"socialaccount": {"hand_over": "code"}});
    for mode in [token_mode(), jwt_mode(), session_mode()] {
        let (server, provider, secret) = with_grace(backend, merged(&mode, &by_code)).await;
        let mut grace = browser(&server).with("Origin", "https://api.example.com");
        let form = json!({"id_token": provider.id_token(&json!({"jti": "second"}))});
        let token = ephemeral_token(&grace.post("/example/", &form).await.of(200));
        let done = verify(&mut grace, &token, &code_of(&server, &secret, 0)).await;
        let mut grace = going_on(grace, &done);
        let form = json!({"id_token": provider.id_token(&json!({"sub": "user-2", "jti": "2"}))});
        let answer = grace.post("/example/connect/", &form).await.of(204);
        assert!(answer.header("set-cookie").is_none(), "{answer}");
        let listed = grace.get("/socialaccounts/").await.of(200).document();
        assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    }
}
