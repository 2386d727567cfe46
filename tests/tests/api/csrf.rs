//! Requests that another site may have made with a browser's cookies.

use crate::fixture::*;

on_every_database!(
    unsafe_requests_with_the_access_cookie_need_a_csrf_token,
    the_same_token_in_a_header_needs_none,
    a_csrf_token_from_a_foreign_origin_is_not_enough,
    refreshing_from_the_cookie_needs_a_csrf_token,
    refreshing_from_the_body_needs_none,
    logout_with_the_access_cookie_needs_a_csrf_token,
    unsafe_requests_with_a_session_need_a_csrf_token,
    a_form_may_carry_the_csrf_token_in_a_field,
    the_field_of_a_form_goes_before_the_header,
    a_body_that_cannot_be_read_is_told_before_a_wrong_token,
    a_login_from_a_foreign_origin_is_refused,
    a_cross_site_form_without_an_origin_is_refused_by_fetch_metadata,
    trusted_origins_may_log_in,
    over_tls_a_request_without_origin_needs_a_referer,
    a_new_login_renews_the_csrf_secret,
);

const FOREIGN: &str = "https://evil.example";

async fn unsafe_requests_with_the_access_cookie_need_a_csrf_token(backend: Backend) {
    let server = server(backend, jwt_cookie_mode()).await;
    let (mut client, _) = login(&server).await;
    let name = json!({"first_name": "Ada"});
    client.get("/user/").await.is(200);
    client.json("PATCH", "/user/", &name).await.says(403, "CSRF Failed");
    client.get("/csrf/").await.is(204);
    client.json("PATCH", "/user/", &name).await.says(403, "CSRF Failed");
    client.clone().with_csrf().json("PATCH", "/user/", &name).await.is(200);
    let wrong = client.clone().with("X-CSRFToken", &"a".repeat(32));
    { wrong }.json("PATCH", "/user/", &name).await.says(403, "CSRF Failed");
}

async fn the_same_token_in_a_header_needs_none(backend: Backend) {
    let server = server(backend, jwt_cookie_mode()).await;
    let (client, _) = login(&server).await;
    let access = client.cookies["access"].clone();
    let mut client = client.with_bearer(&access);
    client.json("PATCH", "/user/", &json!({"first_name": "Ada"})).await.is(200);
}

async fn a_csrf_token_from_a_foreign_origin_is_not_enough(backend: Backend) {
    let server = server(backend, jwt_cookie_mode()).await;
    let (mut client, _) = login(&server).await;
    client.get("/csrf/").await.is(204);
    let mut client = client.with_csrf().with("Origin", FOREIGN);
    let answer = client.json("PATCH", "/user/", &json!({"first_name": "Ada"})).await;
    answer.says(403, "Origin checking failed");
}

async fn refreshing_from_the_cookie_needs_a_csrf_token(backend: Backend) {
    let server = server(backend, jwt_cookie_mode()).await;
    let (mut client, _) = login(&server).await;
    let before = client.cookies["refresh"].clone();
    client.post("/token/refresh/", &json!({})).await.says(403, "CSRF Failed");
    assert_eq!(client.cookies["refresh"], before, "the refused refresh has used the token up");
    client.get("/csrf/").await.is(204);
    client.with_csrf().post("/token/refresh/", &json!({})).await.is(200);
}

async fn refreshing_from_the_body_needs_none(backend: Backend) {
    let server = server(backend, jwt_cookie_mode()).await;
    let (client, _) = login(&server).await;
    refresh(&server, &client.cookies["refresh"]).await.is(200);
}

async fn logout_with_the_access_cookie_needs_a_csrf_token(backend: Backend) {
    let server = server(backend, jwt_cookie_mode()).await;
    let (mut client, _) = login(&server).await;
    client.post("/logout/", &json!({})).await.says(403, "CSRF Failed");
    client.get("/user/").await.is(200);
}

async fn unsafe_requests_with_a_session_need_a_csrf_token(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (mut client, _) = login(&server).await;
    let name = json!({"first_name": "Ada"});
    client.json("PATCH", "/user/", &name).await.says(403, "CSRF Failed");
    client.with_csrf().json("PATCH", "/user/", &name).await.is(200);
}

async fn a_form_may_carry_the_csrf_token_in_a_field(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (mut client, _) = login(&server).await;
    let token = client.cookies["csrftoken"].clone();
    client.form("/logout/", &[]).await.is(403);
    client.form("/logout/", &[("csrfmiddlewaretoken", &token)]).await.is(200);
}

async fn the_field_of_a_form_goes_before_the_header(backend: Backend) {
    for config in [session_mode(), jwt_cookie_mode()] {
        let server = server(backend, config).await;
        let (mut client, _) = login(&server).await;
        client.get("/csrf/").await.is(204);
        let mut client = client.with_csrf();
        for (field, status) in [("A".repeat(32), 403), ("x".to_owned(), 403), (String::new(), 400)]
        {
            let fields = [("csrfmiddlewaretoken", field.as_str()), ("new_password1", "x")];
            client.form("/password/change/", &fields).await.is(status);
        }
        // Of PUT and PATCH Django reads no form.
        let body = format!("csrfmiddlewaretoken={}&first_name=Ada", "A".repeat(32));
        let kind = "application/x-www-form-urlencoded";
        client.send("PATCH", "/user/", kind, body.into()).await.is(200);
    }
}

async fn a_body_that_cannot_be_read_is_told_before_a_wrong_token(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (mut client, _) = login(&server).await;
    for (kind, body, status) in [
        ("application/json", "{", 400),
        ("text/plain", "x", 415),
        ("multipart/form-data", "x", 400),
        ("application/json", "{}", 403),
    ] {
        let answer = client.send("POST", "/password/change/", kind, body.into()).await;
        assert_eq!(answer.status(), status, "{answer}");
    }
    // The origin and the cookie are looked at before the body.
    let mut foreign = client.clone().with("Origin", FOREIGN);
    foreign.send("POST", "/password/change/", "application/json", "{".into()).await.is(403);
    client.cookies.remove("csrftoken");
    let answer = client.send("POST", "/password/change/", "application/json", "{".into()).await;
    answer.says(403, "CSRF cookie not set.");
}

async fn a_login_from_a_foreign_origin_is_refused(backend: Backend) {
    for config in [token_mode(), jwt_mode(), jwt_cookie_mode(), session_mode()] {
        let server = server(backend, config).await;
        for origin in [FOREIGN, "null", "http://localhost.evil.example", "https://localhost"] {
            let mut browser = Client::new(&server).with("Origin", origin);
            let answer = try_login(&mut browser, "ada", PASSWORD).await;
            answer.says(403, "CSRF Failed: Origin checking failed");
            assert!(browser.cookies.is_empty(), "{origin} got {:?}", browser.cookies);
        }
        let mut own = Client::new(&server).with("Origin", "http://localhost");
        let status = try_login(&mut own, "ada", PASSWORD).await.status();
        assert!(matches!(status, 200 | 204), "{status}");
    }
}

async fn a_cross_site_form_without_an_origin_is_refused_by_fetch_metadata(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let mut browser = Client::new(&server).with("Sec-Fetch-Site", "cross-site");
    try_login(&mut browser, "ada", PASSWORD).await.is(403);
    let mut browser = Client::new(&server).with("Sec-Fetch-Site", "same-origin");
    try_login(&mut browser, "ada", PASSWORD).await.is(200);
}

async fn trusted_origins_may_log_in(backend: Backend) {
    let trusted = json!({"csrf": {"trusted_origins": ["https://app.example.com"]}});
    let server = server(backend, merged(&session_mode(), &trusted)).await;
    let mut browser = Client::new(&server).with("Origin", "https://app.example.com");
    try_login(&mut browser, "ada", PASSWORD).await.is(204);
    let mut client = browser.with_csrf();
    client.json("PATCH", "/user/", &json!({"first_name": "Ada"})).await.is(200);
}

async fn over_tls_a_request_without_origin_needs_a_referer(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (client, _) = login(&server).await;
    let client = client.with_csrf().over_tls();
    let name = json!({"first_name": "Ada"});
    client.clone().json("PATCH", "/user/", &name).await.says(403, "no Referer");
    let mut own = client.clone().with("Referer", "https://localhost/account");
    own.json("PATCH", "/user/", &name).await.is(200);
    let mut foreign = client.with("Referer", "https://evil.example/");
    foreign.json("PATCH", "/user/", &name).await.says(403, "Referer checking failed");
}

async fn a_new_login_renews_the_csrf_secret(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (client, _) = login(&server).await;
    let before = client.cookies["csrftoken"].clone();
    let mut client = client.with_csrf();
    try_login(&mut client, "ada", PASSWORD).await.is(204);
    assert_ne!(client.cookies["csrftoken"], before);
}
