//! Social login in Chromium at a certified `OpenID` provider, by the JavaScript of
//! `docs/social-login.md`, from pages at another origin than the server's.

mod stage;

use rest_auth_domain::mfa::{TotpSecret, TotpShape};
use rest_auth_tests::contract::Subject as _;
use serde_json::{Value, json};
use stage::{OTHER_SITE, SAME_SITE, Stage};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

fn by_session() -> Value {
    json!({"rest_auth": {"token_model": false}, "socialaccount": {"hand_over": "cookies"}})
}

fn by_token() -> Value {
    json!({"rest_auth": {"session_login": false}})
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(all(chromedriver, openid)),
    ignore = "needs REST_AUTH_TEST_CHROMEDRIVER and REST_AUTH_TEST_OPENID"
)]
async fn a_link_logs_in_by_session() {
    let stage = Stage::start(SAME_SITE, &by_session()).await;
    stage.leave("location.assign(API + '/peer/begin/')");
    stage.says_yes("ada");
    assert_eq!(stage.arrives(), "");
    assert_eq!(stage.call("arrive()"), json!({"done": null}));
    assert_eq!(stage.user(), json!("ada"));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(all(chromedriver, openid)),
    ignore = "needs REST_AUTH_TEST_CHROMEDRIVER and REST_AUTH_TEST_OPENID"
)]
async fn an_address_logs_in_by_cookies_of_jwts() {
    let config = json!({
        "rest_auth": {
            "use_jwt": true, "session_login": false, "jwt_auth_cookie": "access",
            "jwt_auth_refresh_cookie": "refresh",
        },
        "socialaccount": {"hand_over": "cookies"},
    });
    let stage = Stage::start(SAME_SITE, &config).await;
    stage.leave("setOut('peer')");
    stage.says_yes("ada");
    assert_eq!(stage.arrives(), "");
    assert_eq!(stage.user(), json!("ada"));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(all(chromedriver, openid)),
    ignore = "needs REST_AUTH_TEST_CHROMEDRIVER and REST_AUTH_TEST_OPENID"
)]
async fn a_page_of_another_site_gets_a_token_for_its_code() {
    let stage = Stage::start(OTHER_SITE, &by_token()).await;
    stage.leave("setOut('peer')");
    stage.says_yes("ada");
    assert!(stage.arrives().starts_with("?code=ra_code_"));
    let done = stage.call("arrive()");
    assert_eq!(stage.owner(&done["done"]["key"]).await, "ada");
    // The code is used up, and the secret of the page gone.
    assert_eq!(stage.call("arrive()")["refused"], json!({"code": ["Invalid code."]}));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(all(chromedriver, openid)),
    ignore = "needs REST_AUTH_TEST_CHROMEDRIVER and REST_AUTH_TEST_OPENID"
)]
async fn a_user_who_refuses_at_the_provider_comes_back_with_an_error() {
    let stage = Stage::start(OTHER_SITE, &by_token()).await;
    stage.leave("setOut('peer')");
    stage.says_no();
    assert_eq!(stage.arrives(), "?error=cancelled");
    assert_eq!(stage.call("arrive()"), json!({"refused": "cancelled"}));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(all(chromedriver, openid)),
    ignore = "needs REST_AUTH_TEST_CHROMEDRIVER and REST_AUTH_TEST_OPENID"
)]
async fn a_page_of_another_site_connects_an_account_of_the_user_of_its_token() {
    let stage = Stage::start(OTHER_SITE, &by_token()).await;
    stage.create("grace", &json!({})).await;
    stage.create("mallory", &json!({})).await;
    stage.opens();
    let log_in = |name: &str| {
        let form = json!({"username": name, "password": stage::PASSWORD});
        stage.call(&format!("post('/login/', {form})"))["done"]["key"].clone()
    };
    let (grace, mallory) = (log_in("grace"), log_in("mallory"));
    // Mallory's address in a browser that is Grace's: she says yes, and nothing is connected.
    stage.leave(&format!("setOut('peer', {mallory})"));
    stage.says_yes("ada");
    assert!(stage.arrives().starts_with("?connect_code=ra_connect_"));
    let refused = stage.call(&format!("arrive({grace})"));
    assert_eq!(refused, json!({"refused": {"connect_code": ["Invalid code."]}}));
    // Her own, for which the provider asks nothing any more.
    stage.leave(&format!("setOut('peer', {grace})"));
    assert!(stage.arrives().starts_with("?connect_code=ra_connect_"));
    let connected = stage.call(&format!("arrive({grace})"));
    assert_eq!(connected["done"]["uid"], "ada", "{connected}");
    assert_eq!(stage.owner(&grace).await, "grace");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(all(chromedriver, openid)),
    ignore = "needs REST_AUTH_TEST_CHROMEDRIVER and REST_AUTH_TEST_OPENID"
)]
async fn a_login_goes_on_with_the_second_factor() {
    let stage = Stage::start(SAME_SITE, &by_session()).await;
    let more = json!({"totp_secret": SECRET,
        "social_accounts": [{"provider": "peer", "uid": "ada"}]});
    stage.create("grace", &more).await;
    stage.leave("setOut('peer')");
    stage.says_yes("ada");
    assert!(stage.arrives().starts_with("?code=ra_code_"));
    assert_eq!(stage.user(), Value::Null);
    let step = stage.call("arrive()");
    assert_eq!(step["done"]["mfa_required"], true, "{step}");
    let (shape, secret) = (TotpShape::default(), TotpSecret::parse(SECRET).expect("a secret"));
    let code = secret.code(shape.step(stage.server.now()).expect("a step"), shape);
    let form = json!({"ephemeral_token": step["done"]["ephemeral_token"], "code": code});
    assert_eq!(stage.call(&format!("post('/mfa/verify/', {form})")), json!({"done": null}));
    assert_eq!(stage.user(), json!("grace"));
}
