use chrono_tz::Tz;
use rest_auth_domain::password_reset::{ResetSubject, ResetTokens, ResetVariant};
use serde_json::json;

use crate::inputs::{keys, now, number, texts, time};
use crate::load::{Vector, each, equal};

#[test]
fn tokens_are_made_as_in_reset_make() {
    each("reset.make", |v| {
        let token = with_subject(v, |tokens, subject| tokens.make(subject, now(v)));
        equal(&json!({ "token": token }), &v.expected)
    });
}

#[test]
fn tokens_are_checked_as_in_reset_check() {
    each("reset.check", |v| {
        let token = v.text("token");
        let ok = with_subject(v, |tokens, subject| tokens.check(subject, token, now(v)).is_ok());
        equal(&json!({ "ok": ok }), &v.expected)
    });
}

fn with_subject<T>(v: &Vector, then: impl Fn(&ResetTokens<'_>, &ResetSubject<'_>) -> T) -> T {
    let user = &v.inputs["user"];
    let addresses = texts(&user["addresses"]);
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let subject = ResetSubject {
        pk: user["pk"].as_i64().unwrap(),
        password: user["password"].as_str().unwrap(),
        last_login: time(&user["last_login"]),
        email: user["email"].as_str().unwrap(),
        addresses: &addresses,
    };
    let variant = match v.text("variant") {
        "django" => ResetVariant::Django,
        "allauth" => ResetVariant::Allauth,
        other => panic!("{}: unknown variant {other}", v.name),
    };
    let local: Tz = v.inputs["time_zone"].as_str().unwrap_or("UTC").parse().unwrap();
    let keys = keys(v);
    let timeout = number(v, "timeout", 259_200);
    then(&ResetTokens { keys: &keys, variant, local, timeout }, &subject)
}
