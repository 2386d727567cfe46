//! What browsers do not do, although the configuration reads as if they did.

use super::{BEHIND_PROXY, COOKIES, assert_told};

const APP: &str = "allow_credentials = true\nallowed_origins = [\"https://app.example.com\"]\n";
const PATTERN: &str = r"allowed_origin_regexes = ['https://\w+\.example\.com']";

fn cors(cors: &str) -> String {
    format!("{BEHIND_PROXY}{COOKIES}[cors]\n{cors}")
}

#[test]
fn an_origin_that_may_read_and_whose_csrf_token_is_refused_is_told() {
    let trusted = "[csrf]\ntrusted_origins = [\"https://app.example.com\"]\n";
    assert_told(vec![
        ("an origin that CSRF does not trust", cors(APP), "csrf.trusted_origins", "add it there"),
        (
            "an origin that CSRF does not trust, without cookies",
            "[cors]\nallowed_origins = [\"https://app.example.com\"]\n".to_owned(),
            "csrf.trusted_origins",
            "add it there",
        ),
        (
            "a pattern of origins that CSRF does not trust",
            cors(&format!("{PATTERN}\n").replace("com'", "com$'")),
            "csrf.trusted_origins",
            "list them there",
        ),
        (
            "a CSRF cookie that scripts do not see",
            cors(&format!("{APP}{trusted}")),
            "csrf.cookie_domain",
            "\".example.com\"",
        ),
    ]);
}

#[test]
fn cookies_that_other_sites_do_not_send_are_told() {
    let elsewhere = "allow_credentials = true\nallowed_origins = [\"https://app.example.org\"]\n";
    let local = "server = { public_url = \"http://localhost:8000\" }\n";
    let page = "allow_credentials = true\nallowed_origins = [\"http://127.0.0.1:3000\"]\n";
    assert_told(vec![
        (
            "SameSite across sites",
            cors(elsewhere),
            "rest_auth.jwt_auth_samesite",
            "below one domain",
        ),
        (
            "SameSite across sites, of the CSRF cookie",
            cors(elsewhere),
            "csrf.cookie_samesite",
            "below one domain",
        ),
        (
            "127.0.0.1 and localhost",
            format!("{local}{COOKIES}[cors]\n{page}"),
            "jwt_auth_samesite",
            "http://localhost:3000",
        ),
    ]);
}

#[test]
fn requests_that_the_preflight_does_not_allow_are_told() {
    assert_told(vec![
        (
            "cookies without credentials",
            cors("allowed_origins = [\"https://app.example.com\"]\n"),
            "cors.allow_credentials",
            "set `cors.allow_credentials = true`",
        ),
        (
            "a CSRF header that the preflight does not allow",
            format!("{}[csrf]\nheader_name = \"HTTP_X_XSRF_TOKEN\"\n", cors(APP)),
            "cors.allow_headers",
            "add \"x-xsrf-token\"",
        ),
        (
            "no header for logins",
            cors(&format!("{APP}allow_headers = [\"content-type\", \"x-csrftoken\"]\n")),
            "cors.allow_headers",
            "add \"authorization\"",
        ),
        (
            "no POST",
            cors(&format!("{APP}allow_methods = [\"GET\"]\n")),
            "cors.allow_methods",
            "add",
        ),
    ]);
}

#[test]
fn origins_that_match_nothing_are_told() {
    assert_told(vec![
        (
            "a pattern without an end",
            cors(&format!("allow_credentials = true\n{PATTERN}\n")),
            "cors.allowed_origin_regexes",
            "end it with $",
        ),
        (
            "a pattern with a dot that is none",
            cors("allowed_origin_regexes = ['https://app.example\\.com$']\n"),
            "cors.allowed_origin_regexes",
            r"write \. for a dot",
        ),
        (
            "the usual port",
            cors("allowed_origins = [\"https://app.example.com:443\"]\n"),
            "cors.allowed_origins",
            "write \"https://app.example.com\"",
        ),
        (
            "capitals",
            "[csrf]\ntrusted_origins = [\"https://*.Example.com\"]\n".to_owned(),
            "csrf.trusted_origins",
            "write \"https://*.example.com\"",
        ),
        (
            "paths that are not the API's",
            cors(&format!("{APP}urls_regex = '^/other/'\n")),
            "cors.urls_regex",
            "let it match",
        ),
    ]);
}

#[test]
fn cookies_and_tokens_that_reach_nobody_are_told() {
    let refresh = |path: &str| format!("{COOKIES}jwt_auth_refresh_cookie_path = \"{path}\"\n");
    let key = "rest_auth.jwt_auth_refresh_cookie_path";
    assert_told(vec![
        (
            "JWTs alone",
            "[rest_auth]\nuse_jwt = true\n".to_owned(),
            "rest_auth.jwt_auth_refresh_cookie",
            "jwt_auth_httponly = false",
        ),
        (
            "an access cookie alone",
            "[rest_auth]\nuse_jwt = true\njwt_auth_cookie = \"access\"\n".to_owned(),
            "rest_auth.jwt_auth_refresh_cookie",
            "jwt_auth_httponly = false",
        ),
        (
            "cookies without JWTs",
            "[rest_auth]\njwt_auth_cookie = \"access\"\n".to_owned(),
            "rest_auth.jwt_auth_cookie",
            "set `rest_auth.use_jwt = true`",
        ),
        (
            "a cookie that nothing reads",
            format!("{COOKIES}[rest_framework]\ndefault_authentication_classes = [\"jwt\"]\n"),
            "rest_framework.default_authentication_classes",
            "\"jwt_cookie\"",
        ),
        ("a path of another API", refresh("/dj-rest-auth/token/refresh/"), key, "\"/api/auth/\""),
        ("a path without logout", refresh("/api/auth/token/refresh/"), key, "logout"),
        (
            "a session that no endpoint gets",
            "[session]\ncookie_path = \"/app\"\n".to_owned(),
            "session.cookie_path",
            "\"/api/auth/\"",
        ),
        (
            "a CSRF cookie that no endpoint gets",
            "[csrf]\ncookie_path = \"/app\"\n".to_owned(),
            "csrf.cookie_path",
            "\"/api/auth/\"",
        ),
        (
            "the name of the session cookie",
            COOKIES.replace("\"access\"", "\"sessionid\""),
            "rest_auth.jwt_auth_cookie",
            "two names",
        ),
        (
            "the name of the CSRF cookie",
            COOKIES.replace("\"refresh\"", "\"csrftoken\""),
            "rest_auth.jwt_auth_refresh_cookie",
            "two names",
        ),
        (
            "the name of the language cookie",
            "[i18n]\nlanguage_cookie_name = \"sessionid\"\n".to_owned(),
            "i18n.language_cookie_name",
            "two names",
        ),
    ]);
}
