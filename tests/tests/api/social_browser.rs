//! Logins that the browser makes at a provider.

mod answers;
mod apple;
mod errors;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};
use sha2::{Digest as _, Sha256};

use crate::fixture::*;

on_every_database!(
    a_login_in_the_browser_ends_at_the_front_end_with_cookies,
    without_cookies_and_in_an_app_the_front_end_gets_a_code,
    a_user_who_is_logged_in_connects_an_account,
    a_refusal_is_told_to_the_front_end,
    an_answer_that_was_not_begun_in_this_browser_is_refused,
    an_answer_works_once,
    an_answer_of_another_issuer_is_refused,
    a_browser_ends_only_at_an_address_of_the_list,
    what_the_server_tells_a_front_end_is_in_no_link_of_anybody,
    a_page_cannot_begin_a_login_by_a_picture,
    a_host_that_a_request_names_is_in_no_redirect,
    google_one_tap_needs_both_tokens,
    a_login_that_fails_says_why,
);

pub(crate) const FRONT: &str = "https://app.example.com/done";

/// A server of `https://example.com`, and its provider.
pub(crate) async fn start(backend: Backend, config: Value) -> (Arc<Server>, OpenIdProvider) {
    let provider = OpenIdProvider::start().await;
    let browser = json!({
        "server": {"public_url": "https://api.example.com/"},
        "socialaccount": {
            "redirect_url": FRONT,
            "redirect_urls": ["com.example.app:/done"],
            "hand_over": "cookies",
            "signup_step": false,
        },
    });
    let config = merged(&merged(&provider.config(), &browser), &config);
    (empty_server(backend, config).await, provider)
}

/// A browser.
pub(crate) fn browser(server: &Arc<Server>) -> Client {
    Client::new(server).with("Host", "api.example.com").over_tls()
}

/// Where an answer sends the browser.
pub(crate) fn location(answer: &Answer) -> String {
    answer.is(303);
    answer.header("location").expect("a location").to_owned()
}

/// Goes to the provider and says yes there.
pub(crate) async fn go(browser: &mut Client, provider: &OpenIdProvider, begin: &str) -> Answer {
    let there = location(&browser.get(begin).await);
    let query = provider.consent(&provider.asked(&there), json!({}));
    browser.get(&format!("/example/callback/?{query}")).await
}

/// The path to which a front end sends the browser that begins by itself.
pub(crate) async fn begun(front: &mut Client, provider: &str, form: Value) -> String {
    let answer = front.post(&format!("/{provider}/begin/"), &form).await.of(200);
    let address = answer.text("begin_url");
    address.strip_prefix("https://api.example.com").expect("an address of ours").to_owned()
}

async fn a_login_in_the_browser_ends_at_the_front_end_with_cookies(backend: Backend) {
    for mode in [session_mode(), jwt_cookie_mode()] {
        let (server, provider) = start(backend, mode).await;
        let mut browser = browser(&server);
        let there = location(&browser.get("/example/begin/").await);
        let asked = provider.asked(&there);
        assert_eq!(asked.get("client_id"), CLIENT_ID);
        assert_eq!(asked.get("redirect_uri"), "https://api.example.com/example/callback/");
        assert_eq!(asked.get("response_type"), "code");
        assert_eq!(asked.get("code_challenge_method"), "S256");
        assert_eq!(asked.get("scope"), "openid profile email");
        assert!(!asked.get("nonce").is_empty() && asked.get("state").starts_with("ra_state_"));
        let query = provider.consent(&asked, json!({}));
        let answer = browser.get(&format!("/example/callback/?{query}")).await;
        assert_eq!(location(&answer), FRONT);
        assert!(answer.body().is_empty());
        assert_eq!(browser.get("/user/").await.of(200).text("username"), "grace");
    }
}

/// An app has no cookies of the browser that it sends there.
async fn without_cookies_and_in_an_app_the_front_end_gets_a_code(backend: Backend) {
    for hand_over in ["code", "cookies"] {
        a_front_end_gets_a_code(backend, hand_over).await;
    }
}

async fn a_front_end_gets_a_code(backend: Backend, hand_over: &str) {
    let by_code = json!({
        "socialaccount": {"hand_over": hand_over},
        "rest_auth": {"session_login": hand_over == "cookies"},
    });
    let (server, provider) = start(backend, merged(&token_mode(), &by_code)).await;
    let mut browser = browser(&server);
    let begin = "/example/begin/?redirect_url=com.example.app:/done";
    // Another app on the device could take the code.
    browser.get(begin).await.says(400, "code_challenge");
    let secret = "a-secret-of-the-app-that-nobody-else-has-got-0";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(secret));
    let begin = format!("{begin}&code_challenge={challenge}");
    let back = location(&go(&mut browser, &provider, &begin).await);
    let code = back.strip_prefix("com.example.app:/done?code=").expect("a code");
    let form = json!({"code": code, "code_verifier": secret});
    let key = Client::new(&server).post("/social/exchange/", &form).await.of(200).text("key");
    Client::new(&server).with_token(&key).get("/user/").await.is(200);
}

async fn a_user_who_is_logged_in_connects_an_account(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true}),
    )
    .await;
    let mut browser = browser(&server).with("Origin", "https://api.example.com");
    browser.post("/login/", &credentials("ada", PASSWORD)).await.is(204);
    // Another site cannot begin it.
    browser.post("/example/begin/", &json!({})).await.is(403);
    let mut with_csrf = browser.clone().with_csrf();
    let address = begun(&mut with_csrf, "example", json!({})).await;
    let back = location(&go(&mut with_csrf, &provider, &address).await);
    let code = back.strip_prefix(&format!("{FRONT}?connect_code=")).expect("a code");
    // Another site cannot end it either.
    let form = json!({"connect_code": code});
    browser.post("/social/connect/", &form).await.is(403);
    with_csrf.post("/social/connect/", &form).await.is(200);
    let accounts = with_csrf.get("/socialaccounts/").await.of(200).document();
    assert_eq!(accounts[0]["uid"], "user-1");
    assert_eq!(with_csrf.get("/user/").await.text("username"), "ada");
}

async fn a_refusal_is_told_to_the_front_end(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    for (error, told) in
        [("access_denied", "cancelled"), ("server_error", "provider_error"), ("", "provider_error")]
    {
        let mut browser = browser(&server);
        let there = location(&browser.get("/example/begin/").await);
        let state = provider.asked(&there).get("state").to_owned();
        let path = format!("/example/callback/?state={state}&error={error}&iss={}", provider.url());
        assert_eq!(location(&browser.get(&path).await), format!("{FRONT}?error={told}"));
    }
}

async fn an_answer_that_was_not_begun_in_this_browser_is_refused(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    let mut attacker = browser(&server);
    let there = location(&attacker.get("/example/begin/").await);
    let query = provider.consent(&provider.asked(&there), json!({}));
    let refused = format!("{FRONT}?error=state_invalid");
    let path = format!("/example/callback/?{query}");
    let mut victim = browser(&server);
    assert_eq!(location(&victim.get(&path).await), refused);
    // One who began another login there is no better.
    let mut other = browser(&server);
    other.get("/example/begin/").await.is(303);
    assert_eq!(location(&other.get(&path).await), refused);
    // What was shown elsewhere is used up.
    assert_eq!(location(&attacker.get(&path).await), refused);
    for state in ["", "x", "ra_state_x"] {
        let path = format!("/example/callback/?state={state}&code=c");
        assert_eq!(location(&victim.get(&path).await), refused);
    }
    assert_eq!(provider.calls("/token"), 0);
}

async fn an_answer_works_once(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    let mut browser = browser(&server);
    let there = location(&browser.get("/example/begin/").await);
    let path =
        format!("/example/callback/?{}", provider.consent(&provider.asked(&there), json!({})));
    let tries = (0..10).map(|_| {
        let (mut browser, path) = (browser.clone(), path.clone());
        async move { location(&browser.get(&path).await) }
    });
    let ends = futures_util::future::join_all(tries).await;
    assert_eq!(ends.iter().filter(|end| *end == FRONT).count(), 1, "{ends:?}");
    // Two tabs of one browser do not disturb each other.
    let one = location(&browser.get("/example/begin/").await);
    let two = location(&browser.get("/example/begin/").await);
    for there in [one, two] {
        let query = provider.consent(&provider.asked(&there), json!({}));
        assert_eq!(location(&browser.get(&format!("/example/callback/?{query}")).await), FRONT);
    }
}

async fn an_answer_of_another_issuer_is_refused(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    for issuer in ["https://evil.example", ""] {
        let mut browser = browser(&server);
        let there = location(&browser.get("/example/begin/").await);
        let query = provider.consent(&provider.asked(&there), json!({}));
        let query = query.split("&iss=").next().expect("a query");
        let issuer = if issuer.is_empty() { String::new() } else { format!("&iss={issuer}") };
        let answer = browser.get(&format!("/example/callback/?{query}{issuer}")).await;
        assert_eq!(location(&answer), format!("{FRONT}?error=provider_error"));
    }
    assert_eq!(provider.calls("/token"), 0);
}

async fn a_browser_ends_only_at_an_address_of_the_list(backend: Backend) {
    let (server, _provider) = start(backend, session_mode()).await;
    for wrong in [
        "https://evil.example/",
        "https://app.example.com.evil.example/done",
        "https://app.example.com/other",
        "https://app.example.com/done/../other",
        "https://app.example.com/done/%2e%2e/other",
        "https://app.example.com/done/",
        "//evil.example/",
        "javascript:alert(1)",
    ] {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let query = query.append_pair("redirect_url", wrong).finish();
        let answer = browser(&server).get(&format!("/example/begin/?{query}")).await;
        answer.says(400, "redirect_url");
    }
}

/// The page would take a code of somebody else's for the end of this login.
async fn what_the_server_tells_a_front_end_is_in_no_link_of_anybody(backend: Backend) {
    let planted = "code=x&tab=2&c%6fde=y&signup_token=x&connect_code=x&error=x";
    let begin = |to: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        format!("/example/begin/?{}", query.append_pair("redirect_url", to).finish())
    };
    let begin = begin(&format!("{FRONT}?{planted}"));
    let (server, provider) = start(backend, session_mode()).await;
    let answer = go(&mut browser(&server), &provider, &begin).await;
    assert_eq!(location(&answer), format!("{FRONT}?tab=2"));
    let mut refusing = browser(&server);
    let asked = provider.asked(&location(&refusing.get(&begin).await));
    let (state, issuer) = (asked.get("state"), provider.url());
    let refused = format!("state={state}&error=access_denied&iss={issuer}");
    let told = location(&refusing.get(&format!("/example/callback/?{refused}")).await);
    assert_eq!(told, format!("{FRONT}?tab=2&error=cancelled"));
    let by_code = json!({"socialaccount": {"hand_over": "code"}});
    let (server, provider) = start(backend, merged(&session_mode(), &by_code)).await;
    let told = location(&go(&mut browser(&server), &provider, &begin).await);
    assert!(told.starts_with(&format!("{FRONT}?tab=2&code=ra_code_")), "{told}");
}

async fn a_page_cannot_begin_a_login_by_a_picture(backend: Backend) {
    let (server, _provider) = start(backend, session_mode()).await;
    let mut picture = browser(&server).with("Sec-Fetch-Mode", "no-cors");
    picture.get("/example/begin/").await.is(403);
}

async fn a_host_that_a_request_names_is_in_no_redirect(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    let mut browser = Client::new(&server)
        .with("Host", "api.example.com")
        .with("X-Forwarded-Host", "evil.example")
        .over_tls();
    let asked = provider.asked(&location(&browser.get("/example/begin/").await));
    assert_eq!(asked.get("redirect_uri"), "https://api.example.com/example/callback/");
}

async fn google_one_tap_needs_both_tokens(backend: Backend) {
    let provider = OpenIdProvider::start().await;
    let google = json!({"socialaccount": {"providers": {"google": {
        "client_id": CLIENT_ID, "secret": "s",
        "certs_url": format!("{}/keys", provider.url()),
        "id_token_issuer": provider.url(),
    }}}});
    let (server, _) = start(backend, merged(&session_mode(), &google)).await;
    let token = provider.id_token(&json!({}));
    let refused = format!("{FRONT}?error=state_invalid");
    for (cookie, field) in [("", ""), ("a", ""), ("", "a"), ("a", "b")] {
        let mut browser = browser(&server);
        if !cookie.is_empty() {
            browser.cookies.insert("g_csrf_token".to_owned(), cookie.to_owned());
        }
        let fields = [("credential", &*token), ("g_csrf_token", field)];
        assert_eq!(location(&browser.form("/google/onetap/", &fields).await), refused);
        browser.get("/user/").await.is(401);
    }
    let mut browser = browser(&server);
    browser.cookies.insert("g_csrf_token".to_owned(), "a".to_owned());
    let fields = [("credential", &*token), ("g_csrf_token", "a")];
    let empty = location(&browser.form("/google/onetap/", &fields[1..]).await);
    assert_eq!(empty, format!("{FRONT}?error=login_failed"));
    assert_eq!(location(&browser.form("/google/onetap/", &fields).await), FRONT);
    assert_eq!(browser.get("/user/").await.of(200).text("username"), "grace");
}

async fn a_login_that_fails_says_why(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "grace@example.org",
        "email_verified": true}),
    )
    .await;
    let mut clash = browser(&server);
    let answer = go(&mut clash, &provider, "/example/begin/").await;
    assert_eq!(location(&answer), format!("{FRONT}?error=email_taken"));
    let mut late = browser(&server);
    let there = location(&late.get("/example/begin/").await);
    let query = provider
        .consent(&provider.asked(&there), json!({"sub": "user-2", "email": "g@example.net"}));
    provider.set_down(true);
    let answer = late.get(&format!("/example/callback/?{query}")).await;
    let told = location(&answer);
    assert!(told.starts_with(&format!("{FRONT}?error=")), "{told}");
    provider.set_down(false);
}
