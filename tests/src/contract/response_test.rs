//! Each rule of the comparison, kept and broken.

use bytes::Bytes;
use chrono::DateTime;
use http::{Method, Response};
use serde_json::{Value, json};

use super::*;
use crate::contract::template::Variables;

const NONE: [&str; 0] = [];

fn problems_under(
    quirks: Quirks,
    expected: &Value,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Vec<String> {
    let mut response = Response::builder().status(200);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let response = response.body(Bytes::from_static(body.as_bytes())).unwrap();
    let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let answer = Answer::new(&Method::GET, response, now).unwrap();
    let config = json!({});
    let vars = Variables::new(&config);
    let extra_headers = ["x-frame-options".to_owned()];
    let rules = Rules { extra_headers: &extra_headers, quirks };
    differences(expected, &answer, Context { vars: &vars, config: &config, now }, rules)
}

fn problems(expected: &Value, headers: &[(&str, &str)], body: &'static str) -> Vec<String> {
    problems_under(Quirks::Lenient, expected, headers, body)
}

#[test]
fn the_status_counts() {
    assert_eq!(problems(&json!({"status": 200}), &[], ""), NONE);
    let got = problems(&json!({"status": 201}), &[], "oops");
    assert_eq!(got, [r#"status: 200, wanted 201; body "oops""#]);
}

#[test]
fn contractual_headers_count_and_others_do_not() {
    let expected = json!({"status": 200, "headers": {"allow": "GET", "x-frame-options": "DENY"}});
    let sent = [("Allow", "GET"), ("X-Frame-Options", "DENY"), ("Server", "x")];
    assert_eq!(problems(&expected, &sent, ""), NONE);
    let got = problems(&expected, &[("location", "/")], "");
    assert_eq!(
        got,
        [
            r#"header allow: null, wanted "GET""#,
            r#"header location: "/", wanted null"#,
            r#"header x-frame-options: null, wanted "DENY""#,
        ]
    );
}

#[test]
fn headers_may_have_matchers() {
    let expected = json!({"status": 200, "headers": {"retry-after": {"$re": "^5[0-9]$"}}});
    assert_eq!(problems(&expected, &[("retry-after", "57")], ""), NONE);
    assert_eq!(problems(&expected, &[("retry-after", "61")], "").len(), 1);
    assert_eq!(problems(&expected, &[], "").len(), 1);
}

#[test]
fn vary_is_a_set() {
    let expected = json!({"status": 200, "headers": {"vary": "Accept, Cookie"}});
    assert_eq!(problems(&expected, &[("vary", "cookie"), ("vary", "Accept")], ""), NONE);
    assert_eq!(problems(&expected, &[("vary", "Accept")], "").len(), 1);
    assert_eq!(problems(&expected, &[("vary", "Accept, Cookie, origin")], "").len(), 1);
}

fn session() -> Value {
    json!({"name": "sessionid", "value": {"$re": "^[a-z]+$"}, "max_age": 600,
        "expires_delta_seconds": 600, "path": "/", "domain": null, "secure": false,
        "httponly": true, "samesite": "Lax", "deleted": false})
}

const SESSION: &str = "sessionid=abc; expires=Tue, 14 Nov 2023 22:23:20 GMT; HttpOnly; \
    Max-Age=600; Path=/; SameSite=Lax";

#[test]
fn cookies_are_compared_with_tolerances() {
    let expected = json!({"status": 200, "set_cookies": [session()]});
    assert_eq!(problems(&expected, &[("set-cookie", SESSION)], ""), NONE);
    let near = SESSION.replace("=600", "=599").replace(":20 GMT", ":12 GMT").replace("Lax", "lax");
    assert_eq!(problems(&expected, &[("set-cookie", &near)], ""), NONE);
    for (from, to) in [
        ("=600", "=598"),
        (" Max-Age=600;", ""),
        (":20 GMT", ":11 GMT"),
        ("abc", "ABC"),
        ("HttpOnly", "Secure; HttpOnly"),
        (" HttpOnly;", ""),
        ("Lax", "Strict"),
        ("Path=/", "Path=/; Domain=example.com"),
    ] {
        let got = problems(&expected, &[("set-cookie", &SESSION.replace(from, to))], "");
        assert_eq!(got.len(), 1, "{from} -> {to}: {got:?}");
    }
}

#[test]
fn missing_and_other_cookies_are_told() {
    let expected = json!({"status": 200, "set_cookies": [session()]});
    let got = problems(&expected, &[("set-cookie", &SESSION.replace("Path=/", "Path=/x"))], "");
    assert_eq!(
        got,
        [
            "set-cookie sessionid: not set (path /)",
            "set-cookie sessionid: set but not in the recording (path /x)",
        ]
    );
    let got = problems(&json!({"status": 200}), &[("set-cookie", "a=b")], "");
    assert_eq!(got, ["set-cookie a: set but not in the recording (path )"]);
}

#[test]
fn a_lenient_replay_forgives_the_absence_of_optional_cookies() {
    let expected = json!({"status": 200, "headers": {"vary": "Accept, Cookie"},
        "set_cookies": [session()], "optional_cookies": ["sessionid"]});
    let without = [("vary", "Accept")];
    assert_eq!(problems_under(Quirks::Lenient, &expected, &without, ""), NONE);
    assert_eq!(problems_under(Quirks::Strict, &expected, &without, "").len(), 2);
    let with = [("vary", "Accept"), ("set-cookie", SESSION)];
    assert_eq!(
        problems(&expected, &with, ""),
        [r#"header vary: Some("Accept"), wanted "Accept, Cookie""#]
    );
}

#[test]
fn json_bodies_are_compact() {
    let expected = json!({"status": 200, "json": {"a": "\u{e9}", "b": [1]}});
    assert_eq!(problems(&expected, &[], "{\"a\":\"\u{e9}\",\"b\":[1]}"), NONE);
    for body in [r#"{"a":"\u00e9","b":[1]}"#, "{\"a\": \"\u{e9}\", \"b\": [1]}"] {
        assert_eq!(problems(&expected, &[], body).len(), 1, "{body}");
    }
    let mut pretty = expected.clone();
    pretty["pretty"] = json!(true);
    assert_eq!(problems(&pretty, &[], "{\"a\": \"\u{e9}\", \"b\": [1]}"), NONE);
    assert_eq!(problems(&expected, &[], "<html>"), [r#"body: not JSON: "<html>""#]);
}

#[test]
fn texts_and_empty_bodies_count() {
    assert_eq!(problems(&json!({"status": 200, "text": "hi"}), &[], "hi"), NONE);
    assert_eq!(problems(&json!({"status": 200, "text": {"$re": "h"}}), &[], "hi"), NONE);
    assert_eq!(problems(&json!({"status": 200, "text": "hi"}), &[], "ho").len(), 1);
    assert_eq!(problems(&json!({"status": 200, "empty": true}), &[], ""), NONE);
    assert_eq!(problems(&json!({"status": 200, "empty": true}), &[], " ").len(), 1);
}
