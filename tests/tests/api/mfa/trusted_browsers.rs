//! Browsers that are not asked for the second factor.

use super::*;

on_every_database!(
    a_browser_is_trusted_only_when_the_user_says_so,
    the_trust_ends_by_itself,
    the_trust_ends_with_the_password_and_with_the_factors,
    the_trust_ends_with_the_factors_where_logins_go_on,
    trust_is_good_for_one_user,
    trusted_browsers_are_listed_and_forgotten,
    the_cookie_of_allauth_is_read_and_written,
    the_cookie_of_allauth_ends_with_the_factors,
    trust_is_off_unless_it_is_switched_on,
);

const PATH: &str = "/mfa/trusted-browsers/";

fn trusting() -> Value {
    merged(&token_mode(), &json!({"mfa": {"trust_enabled": true}}))
}

/// A browser that Ada trusts, and the token of its login.
async fn trusted(server: &Arc<Server>) -> (Client, String) {
    let mut browser = Client::new(server);
    let step = try_login(&mut browser, "ada", PASSWORD).await.of(200);
    let form = json!({
        "ephemeral_token": step.text("ephemeral_token"),
        "code": next_code(server),
        "trust_browser": true,
    });
    let done = browser.post("/mfa/verify/", &form).await.of(200);
    let cookie = done.set_cookie("mfa_trusted").expect("a cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Max-Age=1209600"), "{cookie}");
    (browser, done.text("key"))
}

/// Whether a login of Ada asks this browser for the second factor.
async fn is_asked(browser: &mut Client) -> bool {
    let document = try_login(browser, "ada", PASSWORD).await.of(200).document();
    document["mfa_required"] == true
}

async fn a_browser_is_trusted_only_when_the_user_says_so(backend: Backend) {
    let server = with_factor(backend, trusting()).await;
    let (mut browser, _) = trusted(&server).await;
    assert!(!is_asked(&mut browser).await);
    assert!(is_asked(&mut Client::new(&server)).await);
    let mut plain = Client::new(&server);
    let step = try_login(&mut plain, "ada", PASSWORD).await.of(200);
    let code = next_code(&server);
    let done = verify(&mut plain, &step.text("ephemeral_token"), &code).await.of(200);
    assert_eq!(done.set_cookie("mfa_trusted"), None);
    assert!(is_asked(&mut plain).await);
    // The password is asked for all the same.
    let wrong = try_login(&mut browser, "ada", "a guess").await;
    wrong.says(400, "Unable to log in with provided credentials.");
}

async fn the_trust_ends_by_itself(backend: Backend) {
    let server = with_factor(backend, trusting()).await;
    let (mut browser, _) = trusted(&server).await;
    server.advance(14 * DAY);
    assert!(is_asked(&mut browser).await);
}

async fn the_trust_ends_with_the_password_and_with_the_factors(backend: Backend) {
    let server = with_factor(backend, trusting()).await;
    let (mut browser, _) = trusted(&server).await;
    change(&server, "ada", json!({"password": NEW_PASSWORD})).await;
    let login = try_login(&mut browser, "ada", NEW_PASSWORD).await.of(200).document();
    assert_eq!(login["mfa_required"], true);

    let server = with_factor(backend, trusting()).await;
    let (mut browser, key) = trusted(&server).await;
    let mut ada = Client::new(&server).with_token(&key);
    let form = json!({"current_password": PASSWORD});
    ada.post("/mfa/recovery-codes/regenerate/", &form).await.is(200);
    assert!(is_asked(&mut browser).await);
}

async fn the_trust_ends_with_the_factors_where_logins_go_on(backend: Backend) {
    let config = merged(&trusting(), &json!({"mfa": {"revoke_on_change": false}}));
    let server = with_factor(backend, config).await;
    let (mut browser, key) = trusted(&server).await;
    let mut ada = Client::new(&server).with_token(&key);
    let form = json!({"current_password": PASSWORD});
    ada.post("/mfa/recovery-codes/regenerate/", &form).await.is(200);
    assert!(is_asked(&mut browser).await);
    assert_eq!(ada.get(PATH).await.of(200).document(), json!([]));
    // A phone that is lost is no way around the next one.
    let (mut browser, key) = trusted(&server).await;
    let mut ada = Client::new(&server).with_token(&key);
    let form = json!({"code": next_code(&server)});
    ada.post("/mfa/totp/deactivate/", &form).await.is(200);
    enroll(&server, &mut ada).await;
    assert!(is_asked(&mut browser).await);
}

async fn trust_is_good_for_one_user(backend: Backend) {
    let server = with_factor(backend, trusting()).await;
    let bob = json!({"username": "bob", "password": PASSWORD, "totp_secret": SECRET});
    create(&server, bob).await;
    let (mut browser, _) = trusted(&server).await;
    let login = try_login(&mut browser, "bob", PASSWORD).await.of(200).document();
    assert_eq!(login["mfa_required"], true);
}

async fn trusted_browsers_are_listed_and_forgotten(backend: Backend) {
    let server = with_factor(backend, trusting()).await;
    let (mut first, _) = trusted(&server).await;
    let (second, key) = trusted(&server).await;
    let mut second = second.with_token(&key);
    let all = second.get(PATH).await.of(200).document();
    let current: Vec<_> = all.as_array().expect("a list").iter().collect();
    assert_eq!(current.len(), 2);
    assert_eq!((&all[0]["is_current"], &all[1]["is_current"]), (&json!(false), &json!(true)));
    let path = format!("{PATH}{}/", all[0]["id"]);
    second.json("DELETE", &path, &json!({})).await.is(204);
    second.json("DELETE", &path, &json!({})).await.is(404);
    assert!(is_asked(&mut first).await);
    second.json("DELETE", PATH, &json!({})).await.is(204);
    assert_eq!(second.get(PATH).await.document(), json!([]));
    Client::new(&server).get(PATH).await.is(401);
}

async fn the_cookie_of_allauth_is_read_and_written(backend: Backend) {
    let config = merged(&trusting(), &json!({"mfa": {"trust_storage": "allauth"}}));
    let server = with_factor(backend, config).await;
    let (mut browser, key) = trusted(&server).await;
    assert!(!is_asked(&mut browser).await);
    server.advance(just_before(14 * DAY));
    assert!(!is_asked(&mut browser).await);
    server.advance(SECOND);
    assert!(is_asked(&mut browser).await);
    Client::new(&server).with_token(&key).get(PATH).await.is(404);
    let (mut browser, _) = trusted(&server).await;
    change(&server, "ada", json!({"password": NEW_PASSWORD})).await;
    let login = try_login(&mut browser, "ada", NEW_PASSWORD).await.of(200).document();
    assert_eq!(login["mfa_required"], true);
    let mut forged = Client::new(&server).with("Cookie", "mfa_trusted=W10:forged");
    let login = try_login(&mut forged, "ada", NEW_PASSWORD).await.of(200).document();
    assert_eq!(login["mfa_required"], true);
}

/// Those of dj-rest-auth, too, of which allauth knows nothing.
async fn the_cookie_of_allauth_ends_with_the_factors(backend: Backend) {
    let config = json!({"mfa": {"trust_storage": "allauth", "revoke_on_change": false}});
    let server = with_factor(backend, merged(&trusting(), &config)).await;
    let (mut browser, key) = trusted(&server).await;
    let mut ada = Client::new(&server).with_token(&key);
    // To use a factor is no change.
    ada.post("/reauthenticate/", &json!({"code": next_code(&server)})).await.is(200);
    assert!(!is_asked(&mut browser).await);
    let form = json!({"code": next_code(&server)});
    ada.post("/mfa/totp/deactivate/", &form).await.is(200);
    enroll(&server, &mut ada).await;
    assert!(is_asked(&mut browser).await);
}

async fn trust_is_off_unless_it_is_switched_on(backend: Backend) {
    let server = with_factor(backend, token_mode()).await;
    let mut browser = Client::new(&server);
    let step = try_login(&mut browser, "ada", PASSWORD).await.of(200);
    let form = json!({"ephemeral_token": step.text("ephemeral_token"), "code": next_code(&server),
        "trust_browser": true});
    let done = browser.post("/mfa/verify/", &form).await.of(200);
    assert_eq!(done.set_cookie("mfa_trusted"), None);
    let mut ada = Client::new(&server).with_token(&done.text("key"));
    ada.get(PATH).await.is(404);
}
