//! Headers of answers, and bounds of requests.

use crate::fixture::*;

on_every_database!(
    answers_that_hold_credentials_or_persons_are_not_stored,
    no_page_may_frame_the_api_and_no_browser_guesses_types,
    browsers_are_told_to_stay_with_https_over_https_only,
    a_proxy_may_say_that_the_client_came_by_https,
    every_answer_has_a_request_id,
    head_is_get_without_a_body,
    a_body_that_is_too_large_is_refused_unread,
    a_form_with_too_many_fields_is_refused,
    a_form_with_too_many_files_is_refused,
    only_allowed_hosts_are_answered,
);

const PATHS: [&str; 5] = ["/user/", "/login/", "/csrf/", "/nowhere/", "/schema/"];

async fn answers_that_hold_credentials_or_persons_are_not_stored(backend: Backend) {
    let server = server(backend, json!({})).await;
    let (mut client, answer) = login(&server).await;
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    for path in ["/user/", "/csrf/"] {
        let answer = client.get(path).await;
        assert_eq!(answer.header("Cache-Control"), Some("no-store"), "{answer}");
    }
    let refused = try_login(&mut Client::new(&server), "ada", "wrong").await;
    assert_eq!(refused.header("Cache-Control"), Some("no-store"), "{refused}");
    for path in PATHS {
        let answer = Client::new(&server).get(path).await;
        assert_eq!(answer.header("Cache-Control"), Some("no-store"), "{answer}");
    }
    let hosts = json!({"server": {"allowed_hosts": ["auth.example.com"]}});
    let server = empty_server(backend, hosts).await;
    let answer = Client::new(&server).get("/user/").await.of(400);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"), "{answer}");
}

async fn no_page_may_frame_the_api_and_no_browser_guesses_types(backend: Backend) {
    let server = server(backend, json!({})).await;
    for path in PATHS {
        let answer = Client::new(&server).get(path).await;
        let policy = answer.header("Content-Security-Policy");
        assert_eq!(policy, Some("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("X-Frame-Options"), Some("DENY"), "{path}");
        assert_eq!(answer.header("Referrer-Policy"), Some("same-origin"), "{path}");
    }
    let docs = Client::new(&server).get("/docs/").await;
    let policy = docs.header("Content-Security-Policy").unwrap_or_default();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

async fn browsers_are_told_to_stay_with_https_over_https_only(backend: Backend) {
    let server = server(backend, json!({})).await;
    for path in PATHS {
        let plain = Client::new(&server).get(path).await;
        assert_eq!(plain.header("Strict-Transport-Security"), None, "{path}");
        let tls = Client::new(&server).over_tls().get(path).await;
        let hsts = tls.header("Strict-Transport-Security");
        assert_eq!(hsts, Some("max-age=31536000"), "{path}");
    }
    let mut liar = Client::new(&server).with("X-Forwarded-Proto", "https");
    assert_eq!(liar.get("/user/").await.header("Strict-Transport-Security"), None);
}

async fn a_proxy_may_say_that_the_client_came_by_https(backend: Backend) {
    let config = json!({"secure": {"proxy_ssl_header": ["HTTP_X_FORWARDED_PROTO", "https"]}});
    let server = server(backend, config).await;
    let mut client = Client::new(&server).with("X-Forwarded-Proto", "https");
    let answer = client.get("/user/").await;
    assert_eq!(answer.header("Strict-Transport-Security"), Some("max-age=31536000"));
}

async fn every_answer_has_a_request_id(backend: Backend) {
    let server = server(backend, json!({})).await;
    let id = "0af7651916cd43dd-8448eb211c80319c";
    for path in PATHS {
        let given = Client::new(&server).with("X-Request-Id", id).get(path).await;
        assert_eq!(given.header("X-Request-Id"), Some(id), "{path}");
        let made = Client::new(&server).get(path).await;
        assert_eq!(made.header("X-Request-Id").map(str::len), Some(32), "{path}");
        let odd = Client::new(&server).with("X-Request-Id", "a b\tlevel=error").get(path).await;
        assert_eq!(odd.header("X-Request-Id").map(str::len), Some(32), "{path}");
    }
}

async fn head_is_get_without_a_body(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (mut client, _) = token_client(&server).await;
    for path in ["/user/", "/csrf/", "/schema/", "/docs/", "/nowhere/", "/login/"] {
        let get = client.get(path).await;
        let head = client.send("HEAD", path, "", bytes::Bytes::new()).await;
        assert_eq!(head.status(), get.status(), "{path}");
        assert!(head.body().is_empty(), "{head}");
        for name in ["Content-Type", "Allow", "Cache-Control", "Vary"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
}

async fn a_body_that_is_too_large_is_refused_unread(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let fits = format!("{{\"username\": \"{}\"}}", "a".repeat(2_621_440 - 16));
    assert_eq!(fits.len(), 2_621_440);
    let mut client = Client::new(&server);
    let answer = client.send("POST", "/login/", "application/json", fits.into()).await;
    answer.says(400, "This field is required.");
    for kind in ["application/json", "application/x-www-form-urlencoded", "text/plain"] {
        let body = bytes::Bytes::from(vec![b'a'; 2_621_441]);
        let answer = client.send("POST", "/login/", kind, body).await.of(400);
        assert!(answer.header("Content-Type").unwrap_or_default().starts_with("text/html"));
    }
}

async fn a_form_with_too_many_fields_is_refused(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let fields = |number: usize| {
        let mut fields = vec![("username", "ada"), ("password", PASSWORD)];
        fields.resize(number, ("x", ""));
        fields
    };
    let mut client = Client::new(&server);
    client.form("/login/", &fields(1000)).await.is(200);
    client.form("/login/", &fields(1001)).await.is(400);
    let kind = "multipart/form-data; boundary=b";
    let part = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n";
    let many = format!("{}--b--\r\n", part.repeat(1001));
    let answer = client.send("POST", "/login/", kind, many.into()).await.of(400);
    assert!(answer.header("Content-Type").unwrap_or_default().starts_with("text/html"));
}

async fn a_form_with_too_many_files_is_refused(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let kind = "multipart/form-data; boundary=b";
    let part = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n1\r\n";
    let files = |number| format!("{}--b--\r\n", part.repeat(number));
    let mut client = Client::new(&server);
    let few = client.send("POST", "/login/", kind, files(100).into()).await;
    few.says(400, "This field is required.");
    let many = client.send("POST", "/login/", kind, files(101).into()).await.of(400);
    assert!(many.header("Content-Type").unwrap_or_default().starts_with("text/html"));
}

async fn only_allowed_hosts_are_answered(backend: Backend) {
    let config = json!({"server": {"allowed_hosts": ["api.example.com", ".example.org"]}});
    let server = server(backend, config).await;
    for (host, status) in [
        ("api.example.com", 401),
        ("API.example.com:8000", 401),
        ("a.example.org", 401),
        ("example.com", 400),
        ("api.example.com.evil.example", 400),
        ("api.example.com@evil.example", 400),
        ("evilexample.org", 400),
    ] {
        let answer = Client::new(&server).with("Host", host).get("/user/").await;
        assert_eq!(answer.status(), status, "{host}: {answer}");
    }
}
