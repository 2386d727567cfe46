//! Whatever a request says, the answer is one of ours: never an internal error, never a broken
//! document, never somebody else's secret, and never late.
//!
//! `PROPTEST_CASES` says how many requests each configuration gets.

mod fixture;
mod hostile;
mod passkeys;
mod texts;

use std::env;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{Response, StatusCode};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

use fixture::Fixture;
use hostile::Hostile;

/// How many requests each configuration gets, unless the environment says otherwise.
const CASES: u32 = 1_000;
/// More than any request here costs, even on a machine with other work.
const LATE: Duration = Duration::from_secs(10);

fn throw_everything_at(config: &Value) {
    let fixture = Fixture::new(config);
    let mut settings = Config { failure_persistence: None, ..Config::default() };
    if env::var_os("PROPTEST_CASES").is_none() {
        settings.cases = CASES;
    }
    let mut runner = TestRunner::new(settings);
    let outcome = runner.run(&hostile::request(), |request| check(&fixture, &request));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn check(fixture: &Fixture, hostile: &Hostile) -> Result<(), TestCaseError> {
    let secrets = fixture.live_secrets();
    // What cannot be sent at all is refused by the listener.
    let Some(request) = hostile.build(&secrets) else { return Ok(()) };
    let started = Instant::now();
    let response = fixture.answer(request);
    let taken = started.elapsed();
    let fail = |what: String| Err(TestCaseError::fail(what));
    if taken > LATE {
        return fail(format!("the answer took {taken:?}"));
    }
    if let Some(problem) = problem(&response) {
        return fail(problem);
    }
    let all = format!("{:?} {}", response.headers(), String::from_utf8_lossy(response.body()));
    for secret in fixture.secrets_of_others().chain([secrets.password.as_str()]) {
        if all.contains(secret) {
            return fail(format!("{secret:?} is in the answer: {all}"));
        }
    }
    Ok(())
}

fn problem(response: &Response<Bytes>) -> Option<String> {
    let status = response.status();
    let text = || String::from_utf8_lossy(response.body()).into_owned();
    let is_patient = response.headers().contains_key(RETRY_AFTER);
    if status.is_server_error() && !(status == StatusCode::SERVICE_UNAVAILABLE && is_patient) {
        return Some(format!("{status}: {}", text()));
    }
    let kind = response.headers().get(CONTENT_TYPE).map(|kind| kind.as_bytes().to_vec());
    if kind.is_some_and(|kind| kind.starts_with(b"application/json"))
        && !response.body().is_empty()
        && let Err(error) = serde_json::from_slice::<Value>(response.body())
    {
        return Some(format!("the body is no JSON ({error}): {}", text()));
    }
    let is_page = text().trim_start().starts_with('<');
    (!is_page && !response.body().is_empty() && !response.headers().contains_key(CONTENT_TYPE))
        .then(|| format!("a body without a type: {}", text()))
}

#[test]
fn tokens_in_the_strict_profile() {
    throw_everything_at(&json!({
        "server": {"trusted_proxies": ["127.0.0.0/8"], "use_x_forwarded_host": true},
    }));
}

#[test]
fn jwt_cookies_in_the_strict_profile() {
    throw_everything_at(&json!({
        "rest_auth": {
            "use_jwt": true,
            "jwt_auth_cookie": "access",
            "jwt_auth_refresh_cookie": "refresh",
            "session_login": false,
        },
        "account": {"email_verification": "mandatory", "login_methods": ["username", "email"]},
    }));
}

#[test]
fn sessions_in_the_strict_profile() {
    throw_everything_at(&json!({
        "rest_auth": {"token_model": false},
        "csrf": {"use_sessions": true},
        "session": {"save_every_request": true},
    }));
}

#[test]
fn codes_in_the_strict_profile() {
    throw_everything_at(&json!({
        "rest_auth": {"session_login": false},
        "account": {
            "email_verification": "mandatory",
            "email_verification_by_code_enabled": true,
            "password_reset_by_code_enabled": true,
        },
    }));
}

#[test]
fn tokens_in_the_django_profile() {
    throw_everything_at(&json!({
        "profile": "django",
        "rest_framework": {
            "default_authentication_classes": ["token", "basic", "session"],
            "default_renderer_classes": ["json", "browsable_api"],
            "default_throttle_classes": ["anon", "user", "scoped"],
            "default_throttle_rates": {
                "anon": "100000/s",
                "user": "100000/s",
                "dj_rest_auth": "100000/s",
            },
            "num_proxies": 1,
        },
    }));
}

#[test]
fn jwt_cookies_in_the_django_profile() {
    throw_everything_at(&json!({
        "profile": "django",
        "rest_auth": {
            "use_jwt": true,
            "jwt_auth_cookie": "access",
            "jwt_auth_refresh_cookie": "refresh",
            "jwt_auth_httponly": false,
            "jwt_auth_return_expiration": true,
        },
        "simple_jwt": {"rotate_refresh_tokens": true, "blacklist_after_rotation": true},
        "apps": {"token_blacklist": true},
        "rest_framework": {"default_authentication_classes": ["jwt_cookie"]},
        "account": {"email_verification": "mandatory", "email_confirmation_hmac": false},
    }));
}

#[test]
fn sessions_in_the_django_profile() {
    throw_everything_at(&json!({
        "profile": "django",
        "i18n": {"negotiate_language": true},
        "account": {"logout_on_get": true, "preserve_username_casing": false},
        "cors": {"allow_all_origins": true},
    }));
}
