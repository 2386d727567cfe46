//! The page of the API, on which a request is tried out.

use std::sync::Arc;

use rest_auth_store::Backend;
use rest_auth_tests::browser::Browser;
use rest_auth_tests::client::Client;
use rest_auth_tests::contract::merged;
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

use crate::api::{api, listen};

/// The page of a server that knows the user of its examples.
async fn page(config: &Value) -> Browser {
    let (listener, port) = listen().await;
    let origin = format!("http://localhost:{port}");
    let base = json!({
        "server": {
            "public_url": origin,
            "secret_key": "the key of the tests with a browser, which is long enough",
        },
        "auth": {"argon2_memory_kib": 64, "argon2_time_cost": 1},
    });
    let server = Server::start(&merged(&base, config), Backend::Sqlite).await;
    let server = Arc::new(server.expect("the server starts"));
    let form = json!({"username": "ada", "email": "ada@example.com",
        "password1": "correct horse battery staple", "password2": "correct horse battery staple"});
    let registered = Client::new(&server).post("/api/auth/registration/", &form).await;
    assert!(matches!(registered.status(), 201 | 204), "{registered}");
    let answers = api(&server);
    tokio::spawn(async move { axum::serve(listener, answers).await });
    let browser = Browser::start();
    browser.open(&format!("{origin}/api/auth/docs/"));
    browser
}

/// Tries an operation out as the page proposes it, and tells the status of the answer.
fn try_out(browser: &Browser, operation: &str) -> String {
    let block = format!("[id$='-{operation}']");
    let is_open = "return Promise.resolve(!!document.querySelector(arguments[0]))";
    if browser.run(is_open, &[json!(format!("{block} .execute"))]) == json!(true) {
        // What was answered before goes.
        browser.click(&format!("{block} .btn-clear"));
    } else {
        browser.click(&format!("{block} .opblock-summary-control"));
        browser.click(&format!("{block} .try-out__btn"));
    }
    browser.click(&format!("{block} .execute"));
    let status = format!("{block} .live-responses-table tbody .response-col_status:not(:empty)");
    let text = browser.get(&format!("/element/{}/text", browser.find(&status)));
    text.as_str().expect("a status").lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
async fn who_logs_in_and_out_on_the_page_is_logged_in_there_in_every_mode() {
    let modes = [
        json!({"rest_auth": {"session_login": false}}),
        json!({"rest_auth": {"session_login": false, "use_jwt": true, "jwt_auth_httponly": false}}),
        json!({"rest_auth": {"session_login": false, "use_jwt": true, "jwt_auth_cookie": "access",
            "jwt_auth_refresh_cookie": "refresh"}}),
        json!({"rest_auth": {"token_model": false}}),
    ];
    for mode in modes {
        let browser = page(&mode).await;
        assert_eq!(try_out(&browser, "getUser"), "401", "{mode}");
        let login = try_out(&browser, "login");
        // A session is no document.
        assert!(matches!(&*login, "200" | "204"), "{login} {mode}");
        assert_eq!(try_out(&browser, "getUser"), "200", "{mode}");
        if mode["rest_auth"]["jwt_auth_cookie"].is_string() {
            assert_eq!(try_out(&browser, "refreshToken"), "200", "{mode}");
        }
        assert_eq!(try_out(&browser, "logout"), "200", "{mode}");
        assert_eq!(try_out(&browser, "getUser"), "401", "{mode}");
    }
}
