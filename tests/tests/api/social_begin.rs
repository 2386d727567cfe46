//! The address to which a front end sends the browser, as `POST <provider>/begin/` answers it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::fixture::*;
use crate::social_browser::{FRONT, begun, browser, location, start};
use crate::social_connect::{BEGIN, SECRET, app, by_code, goes, with_two_users};

on_every_database!(
    a_page_of_another_site_logs_in,
    an_address_works_once,
    an_address_ends_after_a_minute_and_with_the_password,
    what_a_browser_does_not_go_to_uses_nothing_up,
    a_program_that_looks_ahead_uses_nothing_up,
    an_account_is_connected_with_a_fresh_proof,
    a_credential_that_is_not_good_begins_no_login,
    a_cookie_that_has_ended_bars_nobody_from_a_login,
);

async fn a_page_of_another_site_logs_in(backend: Backend) {
    let (server, provider) = start(backend, by_code()).await;
    let mut page = browser(&server).with("Origin", "https://app.example.com");
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(SECRET));
    let app = "com.example.app:/done";
    page.post(BEGIN, &json!({"redirect_url": app})).await.says(400, "code_challenge");
    page.post(BEGIN, &json!({"redirect_url": "https://evil.example/"})).await.is(400);
    let form = json!({"redirect_url": app, "code_challenge": challenge});
    let address = begun(&mut page, "example", form).await;
    let back = goes(&mut browser(&server), &provider, &address).await;
    let code = back.strip_prefix(&format!("{app}?code=")).expect("a code");
    let form = json!({"code": code, "code_verifier": SECRET});
    page.post("/social/exchange/", &form).await.is(200);
}

async fn an_address_works_once(backend: Backend) {
    let (server, provider) = with_two_users(backend).await;
    let mut ada = app(&server, "ada").await;
    let address = begun(&mut ada, "example", json!({})).await;
    let tries = (0..10).map(|_| {
        let (mut browser, address) = (browser(&server), address.clone());
        async move { location(&browser.get(&address).await) }
    });
    let ends = futures_util::future::join_all(tries).await;
    let refused = format!("{FRONT}?error=state_invalid");
    let left = ends.iter().filter(|end| end.starts_with(provider.url())).count();
    let back = ends.iter().filter(|end| **end == refused).count();
    assert_eq!((left, back), (1, 9), "{ends:?}");
    for wrong in ["", "x", "ra_begin_x"] {
        let path = format!("{BEGIN}?begin_code={wrong}");
        assert_eq!(location(&browser(&server).get(&path).await), refused, "{wrong}");
    }
}

async fn an_address_ends_after_a_minute_and_with_the_password(backend: Backend) {
    let (server, provider) = with_two_users(backend).await;
    let mut ada = app(&server, "ada").await;
    let refused = format!("{FRONT}?error=state_invalid");
    let late = begun(&mut ada, "example", json!({})).await;
    let good = begun(&mut ada, "example", json!({})).await;
    server.advance(just_before(MINUTE));
    assert!(location(&browser(&server).get(&good).await).starts_with(provider.url()));
    server.advance(SECOND + SECOND);
    assert_eq!(location(&browser(&server).get(&late).await), refused);
    let over = begun(&mut ada, "example", json!({})).await;
    change(&server, "ada", json!({"password": NEW_PASSWORD})).await;
    assert_eq!(location(&browser(&server).get(&over).await), refused);
}

async fn what_a_browser_does_not_go_to_uses_nothing_up(backend: Backend) {
    let limits = json!({"account": {"rate_limits": {"social_begin": "2/m/ip"}}});
    let (server, provider) = start(backend, merged(&by_code(), &limits)).await;
    let server = with_ada(server).await;
    let address = begun(&mut app(&server, "ada").await, "example", json!({})).await;
    for (mode, dest, purpose) in [
        ("no-cors", "image", None),
        ("navigate", "iframe", None),
        ("navigate", "object", None),
        ("cors", "empty", None),
        ("navigate", "document", Some("prefetch")),
    ] {
        let page = browser(&server).with("Sec-Fetch-Mode", mode).with("Sec-Fetch-Dest", dest);
        let mut page = match purpose {
            Some(purpose) => page.with("Sec-Purpose", purpose),
            None => page,
        };
        page.get(&address).await.is(403);
        page.get(BEGIN).await.is(403);
    }
    let window = browser(&server).with("Sec-Fetch-Mode", "navigate");
    let mut window = window.with("Sec-Fetch-Dest", "document");
    for path in [address.as_str(), BEGIN] {
        assert!(location(&window.get(path).await).starts_with(provider.url()), "{path}");
    }
    let told = location(&window.get(BEGIN).await);
    assert_eq!(told, format!("{FRONT}?error=too_many_attempts"));
}

async fn a_program_that_looks_ahead_uses_nothing_up(backend: Backend) {
    let (server, provider) = start(backend, by_code()).await;
    let address = begun(&mut browser(&server), "example", json!({})).await;
    let mut browser = browser(&server);
    let asks_ahead = async |browser: &Client, path: &str| {
        let answer = browser.clone().send("HEAD", path, "", bytes::Bytes::new()).await.of(405);
        assert_eq!(answer.header("Allow"), Some("GET, POST, OPTIONS"));
        assert!(answer.body().is_empty() && answer.header("set-cookie").is_none(), "{answer}");
    };
    asks_ahead(&browser, &address).await;
    let there = location(&browser.get(&address).await);
    let query = provider.consent(&provider.asked(&there), json!({}));
    let callback = format!("/example/callback/?{query}");
    asks_ahead(&browser, &callback).await;
    let back = location(&browser.get(&callback).await);
    assert!(back.starts_with(&format!("{FRONT}?code=ra_code_")), "{back}");
}

async fn an_account_is_connected_with_a_fresh_proof(backend: Backend) {
    let (server, _provider) = with_two_users(backend).await;
    let mut ada = app(&server, "ada").await;
    server.advance(STALE + SECOND);
    asks_for_proof(ada.post(BEGIN, &json!({})).await, &["password"]);
}

async fn a_credential_that_is_not_good_begins_no_login(backend: Backend) {
    let (server, provider) = with_two_users(backend).await;
    let mut ada = app(&server, "ada").await;
    ada.post("/logout/", &json!({})).await.is(200);
    ada.post(BEGIN, &json!({})).await.says(401, "Invalid token.");
    for header in ["Token unknown", "Token", "Token a b", "Bearer x", "Digest x", "x"] {
        let mut client = browser(&server).with("Authorization", header);
        client.post(BEGIN, &json!({})).await.is(401);
        client.post("/example/connect/", &json!({"code": "x"})).await.is(401);
        // A browser that goes there says nothing of a user.
        assert!(location(&client.get(BEGIN).await).starts_with(provider.url()), "{header}");
    }
    begun(&mut browser(&server), "example", json!({})).await;
    // For a proxy that guards the whole site, since it is not accepted here.
    let mut guarded = browser(&server).with("Authorization", "Basic eDp5");
    begun(&mut guarded, "example", json!({})).await;
}

async fn a_cookie_that_has_ended_bars_nobody_from_a_login(backend: Backend) {
    let (server, _provider) = start(backend, session_mode()).await;
    let server = with_ada(server).await;
    let mut page = browser(&server).with("Origin", "https://api.example.com");
    try_login(&mut page, "ada", PASSWORD).await;
    assert!(!page.cookies.is_empty());
    server.advance(400 * DAY);
    begun(&mut page, "example", json!({})).await;
}
