//! An account that is connected from a page of another site, or by an app: what the browser brings
//! back connects nothing until the user who began says so.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rest_auth_tests::provider::OpenIdProvider;
use sha2::{Digest as _, Sha256};

use crate::fixture::*;
use crate::social_browser::{FRONT, begun, browser, location, start};

on_every_database!(
    a_page_of_another_site_connects_an_account,
    an_address_of_another_user_connects_nothing,
    a_code_connects_once,
    a_code_to_connect_ends_after_a_minute_and_with_the_password,
    a_code_to_connect_belongs_to_the_front_end_that_began,
    an_account_of_another_user_is_not_connected,
);

pub(crate) const BEGIN: &str = "/example/begin/";
pub(crate) const SECRET: &str = "a-secret-of-the-app-that-nobody-else-has-got-0";

/// Logins end with a code, and a page of another site may begin them.
pub(crate) fn by_code() -> Value {
    let more = json!({
        "csrf": {"trusted_origins": ["https://app.example.com"]},
        "account": {"rate_limits": {"login": ""}},
        "socialaccount": {"hand_over": "code"},
    });
    merged(&token_mode(), &more)
}

/// A server that knows Ada and Mallory, who log in by tokens.
pub(crate) async fn with_two_users(backend: Backend) -> (Arc<Server>, OpenIdProvider) {
    let (server, provider) = start(backend, by_code()).await;
    let mallory = json!({"username": "mallory", "password": PASSWORD, "email": "m@example.com",
        "email_verified": true});
    create(&server, mallory).await;
    (with_ada(server).await, provider)
}

/// A page of another site, or an app, whose user is logged in. It is no browser of ours: it has no
/// cookies.
pub(crate) async fn app(server: &Arc<Server>, username: &str) -> Client {
    let mut login = Client::new(server);
    let key = try_login(&mut login, username, PASSWORD).await.of(200).text("key");
    Client::new(server).with("Host", "api.example.com").over_tls().with_token(&key)
}

/// What a browser comes back with that takes an address and says yes at the provider.
pub(crate) async fn goes(browser: &mut Client, provider: &OpenIdProvider, path: &str) -> String {
    let there = location(&browser.get(path).await);
    let query = provider.consent(&provider.asked(&there), json!({}));
    location(&browser.get(&format!("/example/callback/?{query}")).await)
}

/// The code in that.
fn code(back: &str) -> &str {
    let code = back.strip_prefix(&format!("{FRONT}?connect_code="));
    code.unwrap_or_else(|| panic!("no code: {back}"))
}

async fn connect(app: &mut Client, code: &str) -> Answer {
    app.post("/social/connect/", &json!({"connect_code": code})).await
}

/// Whether somebody has the account of the provider.
async fn is_connected(server: &Arc<Server>) -> bool {
    let found = server.auth().store().social_account::<rest_auth_flows::User>("example", "user-1");
    found.await.expect("the database answers").is_some()
}

async fn a_page_of_another_site_connects_an_account(backend: Backend) {
    let (server, provider) = with_two_users(backend).await;
    let mut page = app(&server, "ada").await.with("Origin", "https://app.example.com");
    let answer = page.post(BEGIN, &json!({})).await.of(200);
    // A browser would not keep a cookie of another site.
    assert_eq!(answer.header("set-cookie"), None);
    let address = answer.text("begin_url");
    let start = "https://api.example.com/example/begin/?begin_code=ra_begin_";
    assert!(address.starts_with(start), "{address}");
    assert!(page.cookies.is_empty());
    let mut browser = browser(&server).with("Sec-Fetch-Mode", "navigate");
    let path = address.strip_prefix("https://api.example.com").expect("our address");
    let there = location(&browser.get(path).await);
    let names: Vec<_> = browser.cookies.keys().collect();
    assert_eq!(names, ["__Host-rest_auth_social"]);
    let query = provider.consent(&provider.asked(&there), json!({}));
    let back = location(&browser.get(&format!("/example/callback/?{query}")).await);
    assert!(!is_connected(&server).await);
    let connected = connect(&mut page, code(&back)).await.of(200).document();
    assert_eq!((&connected["provider"], &connected["uid"]), (&json!("example"), &json!("user-1")));
    let listed = page.get("/socialaccounts/").await.of(200).document();
    assert_eq!(listed, json!([connected]));
    assert!(mail_to(&server, "ada@example.com").await.contains("Example"));
}

/// Mallory sends the browser of Ada, who is logged in in it, to an address that Mallory began with.
async fn an_address_of_another_user_connects_nothing(backend: Backend) {
    let (server, provider) = start(backend, session_mode()).await;
    let server = with_ada(server).await;
    let mallory = json!({"username": "mallory", "password": PASSWORD, "email": "m@example.com",
        "email_verified": true});
    create(&server, mallory).await;
    let page = async |username: &str| {
        let mut page = browser(&server).with("Origin", "https://api.example.com");
        try_login(&mut page, username, PASSWORD).await.is(204);
        page.with_csrf()
    };
    let (mut mallory, mut ada) = (page("mallory").await, page("ada").await);
    let address = begun(&mut mallory, "example", json!({})).await;
    let back = goes(&mut ada, &provider, &address).await;
    assert!(!is_connected(&server).await);
    // The front end does what it does with a code of Ada's.
    let form = json!({"connect_code": code(&back)});
    browser(&server).post("/social/connect/", &form).await.is(401);
    ada.post("/social/connect/", &form).await.says(400, "Invalid code.");
    mallory.post("/social/connect/", &form).await.says(400, "Invalid code.");
    assert!(!is_connected(&server).await);
    // The answer that the provider has for Mallory does nothing in the browser of Ada.
    let there =
        location(&mallory.get(&begun(&mut mallory.clone(), "example", json!({})).await).await);
    let query = provider.consent(&provider.asked(&there), json!({}));
    let back = location(&ada.get(&format!("/example/callback/?{query}")).await);
    assert_eq!(back, format!("{FRONT}?error=state_invalid"));
}

async fn a_code_connects_once(backend: Backend) {
    let (server, provider) = with_two_users(backend).await;
    let ada = app(&server, "ada").await;
    let address = begun(&mut ada.clone(), "example", json!({})).await;
    let back = goes(&mut browser(&server), &provider, &address).await;
    let tries = (0..10).map(|_| {
        let (mut ada, code) = (ada.clone(), code(&back));
        async move { connect(&mut ada, code).await }
    });
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 9));
    for wrong in ["", "x", "ra_connect_x", "ra_code_x"] {
        connect(&mut ada.clone(), wrong).await.is(400);
    }
}

async fn a_code_to_connect_ends_after_a_minute_and_with_the_password(backend: Backend) {
    let (server, provider) = with_two_users(backend).await;
    let mut ada = app(&server, "ada").await;
    let address = begun(&mut ada, "example", json!({})).await;
    let late = goes(&mut browser(&server), &provider, &address).await;
    server.advance(MINUTE + SECOND);
    connect(&mut ada, code(&late)).await.says(400, "Invalid code.");
    let address = begun(&mut ada, "example", json!({})).await;
    let over = goes(&mut browser(&server), &provider, &address).await;
    change(&server, "ada", json!({"password": PASSWORD})).await;
    connect(&mut app(&server, "ada").await, code(&over)).await.says(400, "Invalid code.");
    assert!(!is_connected(&server).await);
}

async fn a_code_to_connect_belongs_to_the_front_end_that_began(backend: Backend) {
    let (server, provider) = with_two_users(backend).await;
    let mut ada = app(&server, "ada").await;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(SECRET));
    let own = json!({"code_challenge": challenge});
    for (form, verifier, status) in [
        (&own, "", 400),
        (&own, "another-secret", 400),
        (&json!({}), SECRET, 400),
        (&own, SECRET, 200),
    ] {
        let address = begun(&mut ada, "example", form.clone()).await;
        let back = goes(&mut browser(&server), &provider, &address).await;
        let form = json!({"connect_code": code(&back), "code_verifier": verifier});
        ada.post("/social/connect/", &form).await.is(status);
    }
}

async fn an_account_of_another_user_is_not_connected(backend: Backend) {
    let (server, provider) = with_two_users(backend).await;
    for (username, status) in [("mallory", 200), ("mallory", 200), ("ada", 400)] {
        let mut app = app(&server, username).await;
        let address = begun(&mut app, "example", json!({})).await;
        let back = goes(&mut browser(&server), &provider, &address).await;
        connect(&mut app, code(&back)).await.is(status);
    }
}
