//! Claims about how the user logged in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

on_every_database!(
    a_token_says_how_the_user_logged_in_and_a_refresh_keeps_it,
    a_token_of_the_django_profile_says_nothing,
);

/// What a token says of its login: when, with what, and how much that is worth.
pub(crate) fn said(token: &str) -> (Value, Value, Value) {
    let payload = token.split('.').nth(1).expect("a payload");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let mut claims: Value = serde_json::from_slice(&payload).expect("JSON");
    (claims["auth_time"].take(), claims["amr"].take(), claims["acr"].take())
}

async fn a_token_says_how_the_user_logged_in_and_a_refresh_keeps_it(backend: Backend) {
    let plain = server(backend, jwt_mode()).await;
    let (access, _) = jwt_pair(&plain).await;
    let at = json!(plain.now().timestamp());
    assert_eq!(said(&access), (at, json!(["pwd"]), json!("aal1")));

    let server = with_factor(backend, jwt_mode()).await;
    let token = first_step(&server).await;
    let at = json!(server.now().timestamp());
    let code = next_code(&server);
    let done = verify(&mut Client::new(&server), &token, &code).await.of(200);
    let expected = (at, json!(["pwd", "otp", "mfa"]), json!("aal2"));
    assert_eq!(said(&done.text("access")), expected);
    server.advance(HOUR);
    let renewed = refresh(&server, &done.text("refresh")).await.of(200);
    assert_eq!(said(&renewed.text("access")), expected);
    assert_eq!(said(&renewed.text("refresh")), expected);
}

async fn a_token_of_the_django_profile_says_nothing(backend: Backend) {
    let config = merged(&jwt_mode(), &json!({"profile": "django"}));
    let server = server(backend, config).await;
    let (access, _) = jwt_pair(&server).await;
    assert_eq!(said(&access), (Value::Null, Value::Null, Value::Null));
}
