//! What goes wrong on the way to a provider is told to the front end, and not to the user.

use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use super::{FRONT, browser, location, start};
use crate::fixture::*;

on_every_database!(
    a_provider_that_is_down_sends_the_browser_back,
    too_many_attempts_send_the_browser_back,
    too_many_taps_send_the_browser_back,
);

fn limited() -> Value {
    json!({"account": {"rate_limits": {"login": "2/m/ip"}}})
}

async fn a_provider_that_is_down_sends_the_browser_back(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    provider.set_down(true);
    let mut browser = browser(&server);
    let told = location(&browser.get("/example/begin/").await);
    assert_eq!(told, format!("{FRONT}?error=provider_unavailable"));
    let app = "com.example.app:/done";
    let challenge = "A".repeat(43);
    let begin = format!("/example/begin/?redirect_url={app}&code_challenge={challenge}");
    let told = location(&browser.get(&begin).await);
    assert_eq!(told, format!("{app}?error=provider_unavailable"));
    // One that may not wait for it learns nothing.
    browser.get("/example/begin/?redirect_url=https://evil.example/").await.is(400);
    let address = super::begun(&mut browser, "example", json!({})).await;
    let told = location(&browser.get(&address).await);
    assert_eq!(told, format!("{FRONT}?error=provider_unavailable"));
}

async fn too_many_attempts_send_the_browser_back(backend: Backend) {
    let (server, provider) = start(backend, merged(&session_mode(), &limited())).await;
    let mut browser = browser(&server);
    for _ in 0..2 {
        let there = location(&browser.get("/example/begin/").await);
        assert!(there.starts_with(provider.url()), "{there}");
    }
    let told = location(&browser.get("/example/begin/").await);
    assert_eq!(told, format!("{FRONT}?error=too_many_attempts"));
    browser.post("/example/begin/", &json!({})).await.is(429);
}

async fn too_many_taps_send_the_browser_back(backend: Backend) {
    let provider = OpenIdProvider::start().await;
    let google = json!({"socialaccount": {"providers": {"google": {
        "client_id": CLIENT_ID, "secret": "s",
        "certs_url": format!("{}/keys", provider.url()),
        "id_token_issuer": provider.url(),
    }}}});
    let config = merged(&merged(&session_mode(), &limited()), &google);
    let (server, _) = start(backend, config).await;
    let tap = async |jti: &str| {
        let mut browser = browser(&server);
        browser.cookies.insert("g_csrf_token".to_owned(), "a".to_owned());
        let token = provider.id_token(&json!({"jti": jti}));
        let fields = [("credential", &*token), ("g_csrf_token", "a")];
        location(&browser.form("/google/onetap/", &fields).await)
    };
    assert_eq!(tap("1").await, FRONT);
    assert_eq!(tap("1").await, format!("{FRONT}?error=login_failed"), "the token is used up");
    assert_eq!(tap("2").await, format!("{FRONT}?error=too_many_attempts"));
}
