//! Compares a whole answer with the recorded one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answer::Answer;
use super::compare::{Comparer, Context, Keys, as_matcher, short};
use super::cookie::SetCookie;
use super::json_text;
use super::matcher::TIME_TOLERANCE;
use super::run::Quirks;

/// The headers that belong to the contract. One that a recording does not mention must be absent.
const CONTRACT_HEADERS: [&str; 14] = [
    "content-type",
    "allow",
    "www-authenticate",
    "vary",
    "retry-after",
    "location",
    "cache-control",
    "content-language",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// Seconds by which Max-Age may be off.
const MAX_AGE_TOLERANCE: u32 = 1;

/// How a scenario wants its answers compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    /// Header names that count in this scenario too.
    pub(crate) extra_headers: &'a [String],
    /// A lenient replay forgives the absence of optional cookies.
    pub(crate) quirks: Quirks,
}

/// The differences between an answer and the recorded `response`.
pub(crate) fn differences(
    expected: &Value,
    answer: &Answer,
    context: Context<'_>,
    rules: Rules<'_>,
) -> Vec<String> {
    let mut comparer = Comparer::new(context);
    let optional = match rules.quirks {
        Quirks::Lenient => texts(&expected["optional_cookies"]),
        Quirks::Strict => BTreeSet::new(),
    };
    comparer.status(&expected["status"], answer);
    // Without a session that was touched there is no need for `Vary: Cookie` either.
    let without = !optional.iter().all(|name| answer.cookies.iter().any(|c| c.name == *name));
    let extra = rules.extra_headers.iter().map(String::as_str);
    for name in CONTRACT_HEADERS.into_iter().chain(extra) {
        let want = expected["headers"].get(name).unwrap_or(&Value::Null);
        match name {
            "vary" if as_matcher(want).is_none() => comparer.vary(want, answer, without),
            _ => comparer.header(name, want, answer),
        }
    }
    comparer.cookies(&expected["set_cookies"], &answer.cookies, &optional);
    comparer.body(expected, answer);
    comparer.problems
}

fn texts(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

impl Comparer<'_> {
    fn status(&mut self, want: &Value, answer: &Answer) {
        if *want != answer.status {
            let body = short(&answer.text().into());
            self.fail("status", format!("{}, wanted {want}; body {body}", answer.status));
        }
    }

    fn header(&mut self, name: &str, want: &Value, answer: &Answer) {
        let got = answer.header(name).map_or(Value::Null, Value::String);
        let place = format!("header {name}");
        match as_matcher(want) {
            Some(matcher) if !got.is_null() => self.matches(matcher, &got, &place),
            _ if *want == got => {}
            _ => self.fail(&place, format!("{got}, wanted {want}")),
        }
    }

    fn vary(&mut self, want: &Value, answer: &Answer, without_cookie: bool) {
        let members = |text: &str| {
            let members = text.split(',').map(|member| member.trim().to_lowercase());
            members
                .filter(|member| !(member.is_empty() || without_cookie && member == "cookie"))
                .collect::<BTreeSet<_>>()
        };
        let got = answer.header("vary");
        if members(want.as_str().unwrap_or("")) != members(got.as_deref().unwrap_or("")) {
            self.fail("header vary", format!("{got:?}, wanted {want}"));
        }
    }

    fn cookies(&mut self, expected: &Value, actual: &[SetCookie], optional: &BTreeSet<&str>) {
        let expected = expected.as_array().map_or(&[][..], Vec::as_slice);
        for want in expected {
            let name = want["name"].as_str().unwrap_or("");
            let path = want["path"].as_str().unwrap_or("");
            // Of two cookies with one name and path the last one counts.
            match actual.iter().rfind(|got| names(got, name, path)) {
                Some(got) => self.cookie(want, got),
                None if optional.contains(name) => {}
                None => self.fail(&format!("set-cookie {name}"), format!("not set (path {path})")),
            }
        }
        for got in actual {
            let path = got.path.as_deref().unwrap_or("");
            let recorded = |want: &Value| {
                want["name"] == *got.name && want["path"].as_str().unwrap_or("") == path
            };
            if !expected.iter().any(recorded) {
                let message = format!("set but not in the recording (path {path})");
                self.fail(&format!("set-cookie {}", got.name), message);
            }
        }
    }

    fn cookie(&mut self, want: &Value, got: &SetCookie) {
        let place = format!("set-cookie {}", got.name);
        let value = Value::String(got.value.clone());
        self.value(&want["value"], &value, &format!("{place} value"), Keys::InOrder);
        for (name, got) in [
            ("domain", got.domain.clone().map_or(Value::Null, Value::String)),
            ("secure", got.secure.into()),
            ("httponly", got.httponly.into()),
            ("deleted", got.deleted.into()),
        ] {
            if want[name] != got {
                self.fail(&place, format!("{name} is {got}, wanted {}", want[name]));
            }
        }
        let samesite = got.samesite.as_deref().unwrap_or("");
        if !samesite.eq_ignore_ascii_case(want["samesite"].as_str().unwrap_or("")) {
            self.fail(&place, format!("samesite is {samesite:?}, wanted {}", want["samesite"]));
        }
        for (name, got, tolerance) in [
            ("max_age", got.max_age, MAX_AGE_TOLERANCE),
            ("expires_delta_seconds", got.expires_delta, TIME_TOLERANCE),
        ] {
            let near = match (want[name].as_i64(), got) {
                (Some(want), Some(got)) => want.abs_diff(got) <= u64::from(tolerance),
                (want, got) => want == got,
            };
            if !near {
                let got = got.map_or(Value::Null, Value::from);
                self.fail(&place, format!("{name} is {got}, wanted {}", want[name]));
            }
        }
    }

    fn body(&mut self, expected: &Value, answer: &Answer) {
        let text = answer.text();
        if let Some(want) = expected.get("json") {
            let Some(got) = answer.json() else {
                return self.fail("body", format!("not JSON: {}", short(&text.into())));
            };
            self.value(want, &got, "", Keys::InOrder);
            if expected["pretty"] != true && text != json_text::compact_body(&got) {
                self.fail("body", "JSON is not in compact form (no spaces, UTF-8 unescaped)");
            }
        } else if expected["empty"] == true {
            if !answer.body.is_empty() {
                self.fail("body", format!("wanted an empty body, got {}", short(&text.into())));
            }
        } else if let Some(want) = expected.get("text") {
            self.value(want, &Value::String(text), "body", Keys::InOrder);
        }
    }
}

fn names(cookie: &SetCookie, name: &str, path: &str) -> bool {
    cookie.name == name && cookie.path.as_deref().unwrap_or("") == path
}

#[cfg(test)]
#[path = "response_test.rs"]
mod tests;
