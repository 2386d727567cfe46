//! Apple, which posts its answer with a form.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use rest_auth_tests::provider::{Asked, CLIENT_ID, OpenIdProvider};

use super::{FRONT, browser, location, start};
use crate::fixture::*;

on_every_database!(
    a_form_of_apple_logs_in_with_a_secret_that_was_signed_for_it,
    a_form_from_another_site_brings_the_cookie_that_it_needs,
    the_name_is_taken_at_the_first_login_only,
    what_the_browser_says_of_the_user_names_nobody_else,
);

/// A server that logs in by Apple, Apple, and the key that the app signs with.
async fn with_apple(backend: Backend) -> (Arc<Server>, OpenIdProvider, EncodingKey) {
    let apple = OpenIdProvider::start().await;
    let pem = rcgen::KeyPair::generate().expect("a key").serialize_pem();
    let config = json!({"socialaccount": {"providers": {"apple": {
        "client_id": CLIENT_ID,
        "secret": "the-key-id",
        "key": "the-team",
        "certificate_key": pem,
        "authorize_url": format!("{}/authorize", apple.url()),
        "access_token_url": format!("{}/token", apple.url()),
        "certs_url": format!("{}/keys", apple.url()),
        "id_token_issuer": apple.url(),
    }}}});
    let (server, _example) = start(backend, merged(&session_mode(), &config)).await;
    let key = EncodingKey::from_ec_pem(pem.as_bytes()).expect("a key of P-256");
    (server, apple, key)
}

async fn begin(browser: &mut Client, apple: &OpenIdProvider) -> Asked {
    apple.asked(&location(&browser.get("/apple/begin/").await))
}

/// Says yes at Apple, which posts this of the user beside the code.
async fn post(
    browser: &mut Client,
    apple: &OpenIdProvider,
    asked: &Asked,
    (claims, user): (Value, &str),
) -> Answer {
    // Apple's name has none of the claims of other providers.
    let claims = merged(&json!({"given_name": null, "family_name": null}), &claims);
    let query = apple.consent(asked, claims);
    let mut fields: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if !user.is_empty() {
        fields.push(("user".to_owned(), user.to_owned()));
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    browser.form("/apple/callback/", &fields).await
}

const GRACE: &str =
    r#"{"name": {"firstName": "Grace", "lastName": "Hopper"}, "email": "x@example.net"}"#;

async fn a_form_of_apple_logs_in_with_a_secret_that_was_signed_for_it(backend: Backend) {
    let (server, apple, key) = with_apple(backend).await;
    let mut browser = browser(&server);
    let asked = begin(&mut browser, &apple).await;
    assert_eq!(asked.get("response_mode"), "form_post");
    assert_eq!(asked.get("redirect_uri"), "https://api.example.com/apple/callback/");
    let answer = post(&mut browser, &apple, &asked, (json!({}), GRACE)).await;
    assert_eq!(location(&answer), FRONT);
    let user = browser.get("/user/").await.of(200).document();
    assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Grace"), &json!("Hopper")));
    assert_eq!(user["email"], "grace@example.org");

    let exchanges = apple.exchanges();
    let [exchange] = exchanges.as_slice() else { panic!("not one exchange: {exchanges:?}") };
    assert_eq!(exchange["client_id"], CLIENT_ID);
    let jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).expect("a public key");
    let public = DecodingKey::from_jwk(&jwk).expect("a public key");
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&["https://appleid.apple.com"]);
    rules.set_issuer(&["the-team"]);
    let secret = jsonwebtoken::decode::<Value>(&exchange["client_secret"], &public, &rules);
    let secret = secret.expect("a secret that the app signed");
    assert_eq!(secret.header.kid.as_deref(), Some("the-key-id"));
    assert_eq!(secret.claims["sub"], CLIENT_ID);
}

async fn a_form_from_another_site_brings_the_cookie_that_it_needs(backend: Backend) {
    let (server, apple, _) = with_apple(backend).await;
    let mut browser = browser(&server);
    let answer = browser.get("/apple/begin/").await;
    let cookie = answer.set_cookie("__Host-rest_auth_social_form").expect("a cookie").to_owned();
    for attribute in ["SameSite=None", "Secure", "HttpOnly", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    // The cookie of the other providers stays at home there, and is another one.
    let (other, _example) = start(backend, session_mode()).await;
    let answer = super::browser(&other).get("/example/begin/").await;
    let lax = answer.set_cookie("__Host-rest_auth_social").expect("a cookie");
    assert!(lax.contains("SameSite=Lax"), "{lax}");
    let asked = begin(&mut browser, &apple).await;
    browser.cookies.remove("__Host-rest_auth_social_form");
    let answer = post(&mut browser, &apple, &asked, (json!({}), GRACE)).await;
    assert_eq!(location(&answer), format!("{FRONT}?error=state_invalid"));
    assert_eq!(apple.calls("/token"), 0);
}

async fn the_name_is_taken_at_the_first_login_only(backend: Backend) {
    let (server, apple, _) = with_apple(backend).await;
    for (user, first_name) in [
        (GRACE, "Grace"),
        (r#"{"name": {"firstName": "Mallory", "lastName": "M"}}"#, "Grace"),
        ("", "Grace"),
    ] {
        let mut browser = browser(&server);
        let asked = begin(&mut browser, &apple).await;
        let answer = post(&mut browser, &apple, &asked, (json!({}), user)).await;
        assert_eq!(location(&answer), FRONT);
        assert_eq!(browser.get("/user/").await.of(200).text("first_name"), first_name);
    }
}

/// 9: unsigned data beside a signed token (allauth 65.22.0).
async fn what_the_browser_says_of_the_user_names_nobody_else(backend: Backend) {
    let (server, apple, _) = with_apple(backend).await;
    create(
        &server,
        json!({"username": "victim", "email": "victim@example.org",
        "email_verified": true, "social_accounts": [{"provider": "apple", "uid": "victim"}]}),
    )
    .await;
    for user in [
        r#"{"sub": "victim", "email": "victim@example.org", "email_verified": true,
            "name": {"firstName": "Grace"}}"#,
        r#"{"id": "victim", "user": {"sub": "victim"}, "is_private_email": false}"#,
        r#"["victim"]"#,
        "victim",
        "{",
    ] {
        let mut browser = browser(&server);
        let asked = begin(&mut browser, &apple).await;
        let answer = post(&mut browser, &apple, &asked, (json!({}), user)).await;
        assert_eq!(location(&answer), FRONT);
        let found = browser.get("/user/").await.of(200).document();
        assert_eq!(found["email"], "grace@example.org", "{user}");
        assert_ne!(found["username"], "victim", "{user}");
    }
}
