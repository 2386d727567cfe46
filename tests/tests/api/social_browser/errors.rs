//! What goes wrong on the way to a provider is told to the front end, and not to the user.

use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use super::{FRONT, browser, go, location, start};
use crate::fixture::*;

on_every_database!(
    a_provider_that_is_down_sends_the_browser_back,
    too_many_attempts_send_the_browser_back,
    too_many_logins_send_the_browser_back,
    an_address_that_is_not_verified_is_told_alike_free_or_taken,
    too_many_taps_send_the_browser_back,
    a_database_that_does_not_answer_sends_the_browser_back,
    an_error_wins_over_a_code_beside_it,
    what_no_state_can_be_sends_the_browser_back,
);

/// Two of these in a minute.
fn limited(action: &str) -> Value {
    json!({"account": {"rate_limits": {action: "2/m/ip"}}})
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
    let limits = limited("social_begin");
    let (server, provider) = start(backend, merged(&session_mode(), &limits)).await;
    let mut browser = browser(&server);
    for _ in 0..2 {
        let there = location(&browser.get("/example/begin/").await);
        assert!(there.starts_with(provider.url()), "{there}");
    }
    let told = location(&browser.get("/example/begin/").await);
    assert_eq!(told, format!("{FRONT}?error=too_many_attempts"));
    browser.post("/example/begin/", &json!({})).await.is(429);
}

/// Setting out is no login, and what a login is refused for has been answered by the provider.
async fn too_many_logins_send_the_browser_back(backend: Backend) {
    let (server, provider) = start(backend, merged(&session_mode(), &limited("login"))).await;
    let mut browser = browser(&server);
    for _ in 0..5 {
        let there = location(&browser.get("/example/begin/").await);
        assert!(there.starts_with(provider.url()), "{there}");
        // An answer to nothing counts as nothing.
        let stray = location(&browser.get("/example/callback/?state=ra_state_x&code=y").await);
        assert_eq!(stray, format!("{FRONT}?error=state_invalid"));
    }
    for _ in 0..2 {
        assert_eq!(location(&go(&mut browser, &provider, "/example/begin/").await), FRONT);
    }
    let told = location(&go(&mut browser, &provider, "/example/begin/").await);
    assert_eq!(told, format!("{FRONT}?error=too_many_attempts"));
    assert_eq!(provider.calls("/token"), 2);
}

/// The provider does not vouch for the address, and whether somebody has it is not told.
async fn an_address_that_is_not_verified_is_told_alike_free_or_taken(backend: Backend) {
    for hand_over in ["cookies", "code"] {
        let config = json!({
            "account": {"email_verification": "mandatory"},
            "socialaccount": {"hand_over": hand_over},
        });
        let (server, provider) = start(backend, merged(&session_mode(), &config)).await;
        let server = with_ada(server).await;
        for email in ["ada@example.com", "grace@example.net"] {
            for _ in 0..2 {
                let mut browser = browser(&server);
                let there = location(&browser.get("/example/begin/").await);
                let claims = json!({"sub": email, "email": email, "email_verified": false});
                let query = provider.consent(&provider.asked(&there), claims);
                let told = browser.get(&format!("/example/callback/?{query}")).await;
                let wanted = format!("{FRONT}?error=email_not_verified");
                assert_eq!(location(&told), wanted, "{hand_over}: {email}");
            }
        }
    }
}

async fn too_many_taps_send_the_browser_back(backend: Backend) {
    let provider = OpenIdProvider::start().await;
    let google = json!({"socialaccount": {"providers": {"google": {
        "client_id": CLIENT_ID, "secret": "s",
        "certs_url": format!("{}/keys", provider.url()),
        "id_token_issuer": provider.url(),
    }}}});
    let config = merged(&merged(&session_mode(), &limited("login")), &google);
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

async fn a_database_that_does_not_answer_sends_the_browser_back(backend: Backend) {
    for mode in [session_mode(), token_mode()] {
        let by_code = json!({"socialaccount": {"hand_over": "code"}});
        let (server, provider) = start(backend, merged(&by_code, &mode)).await;
        let server = with_ada(server).await;
        let mut browser = browser(&server);
        try_login(&mut browser, "ada", PASSWORD).await;
        let there = location(&browser.get("/example/begin/").await);
        let query = provider.consent(&provider.asked(&there), json!({}));
        let address = super::begun(&mut Client::new(&server), "example", json!({})).await;
        server.auth().store().close().await;
        let told = format!("{FRONT}?error=busy");
        for path in ["/example/begin/", &address, &format!("/example/callback/?{query}")] {
            assert_eq!(location(&browser.get(path).await), told, "{path}");
        }
        let app = "com.example.app:/done";
        let challenge = "A".repeat(43);
        let begin = format!("/example/begin/?redirect_url={app}&code_challenge={challenge}");
        assert_eq!(location(&browser.get(&begin).await), format!("{app}?error=busy"));
        // One that may not wait for it learns nothing.
        browser.get("/example/begin/?redirect_url=https://evil.example/").await.is(400);
    }
}

async fn an_error_wins_over_a_code_beside_it(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    for (error, told) in [("access_denied", "cancelled"), ("server_error", "provider_error")] {
        let mut browser = browser(&server);
        let there = location(&browser.get("/example/begin/").await);
        let query = provider.consent(&provider.asked(&there), json!({}));
        let back = browser.get(&format!("/example/callback/?{query}&error={error}")).await;
        assert_eq!(location(&back), format!("{FRONT}?error={told}"));
        assert_ne!(browser.get("/user/").await.status(), 200);
    }
}

async fn what_no_state_can_be_sends_the_browser_back(backend: Backend) {
    let (server, _provider) = start(backend, session_mode()).await;
    let refused = format!("{FRONT}?error=state_invalid");
    let answer = browser(&server).get("/example/callback/?state=%00&code=x").await;
    assert_eq!(location(&answer), refused);
    let fields = [("state", "\0"), ("code", "\0"), ("iss", "\0"), ("user", "\0")];
    let answer = browser(&server).form("/example/callback/", &fields).await;
    assert_eq!(location(&answer), refused);
}
