//! The API as a page of a front end uses it, in Chromium, which `REST_AUTH_TEST_CHROMEDRIVER`
//! starts.

mod api;
mod docs_page;
mod passkeys;
mod social;

use rest_auth_tests::browser::Browser;
use serde_json::json;

#[test]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
fn pages_are_shown_and_pressed() {
    let browser = Browser::start();
    browser
        .open("data:text/html,<input id=a><button onclick=\"document.title=a.value\">x</button>");
    browser.fill("#a", "Ada");
    browser.click("button");
    assert_eq!(
        browser.run("return Promise.resolve(document.title + arguments[0])", &[json!(1)]),
        json!("Ada1")
    );
    assert!(browser.screenshot().starts_with(b"\x89PNG"));
    let refused = browser.try_post("/element", &json!({"using": "css selector", "value": "#b"}));
    assert_eq!(refused.map_err(|refused| refused.error), Err("no such element".to_owned()));
}
