//! Matchers: what a recording says of values that differ from run to run.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex::Regex;
use serde_json::{Map, Value};

use super::compare::{Comparer, Keys, short};
use super::jwt::Jwt;
use super::pattern::{self, Dot};

/// Seconds by which a time may be off.
pub(crate) const TIME_TOLERANCE: u32 = 8;

static ISO_8601: LazyLock<Regex> =
    LazyLock::new(|| pattern::fixed(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$"));

impl Comparer<'_> {
    /// Notes which matchers do not hold for a value; all of them must.
    pub(crate) fn matches(&mut self, matcher: &Map<String, Value>, actual: &Value, place: &str) {
        for (kind, argument) in matcher {
            if let Err(message) = self.one(kind, argument, actual, place) {
                self.fail(place, message);
            }
        }
    }

    fn one(&mut self, kind: &str, want: &Value, actual: &Value, place: &str) -> Result<(), String> {
        match kind {
            "$any" => Ok(()),
            "$re" => matches_pattern(want, actual),
            "$int" if actual.is_u64() => Ok(()),
            "$int" => integer(actual).map(drop),
            "$var" => self.is_captured(want, actual),
            "$not_var" => self.is_new(want, actual),
            "$tpl" => self.is_filled(want, actual),
            "$datetime" => self.is_near(date_time(actual)?, want),
            "$epoch" => {
                let seconds = integer(actual)?;
                let time = DateTime::from_timestamp(seconds, 0);
                self.is_near(time.ok_or_else(|| format!("{seconds} is no time"))?, want)
            }
            "$jwt" => self.jwt(want, actual, place),
            _ => Err(format!("unknown matcher {kind}")),
        }
    }

    fn is_captured(&self, name: &Value, actual: &Value) -> Result<(), String> {
        let captured = self.captured(name);
        if actual == captured {
            return Ok(());
        }
        Err(format!("{} is not the captured {name} ({})", short(actual), short(captured)))
    }

    fn is_new(&self, names: &Value, actual: &Value) -> Result<(), String> {
        let names = names.as_array().map_or(std::slice::from_ref(names), Vec::as_slice);
        match names.iter().find(|name| actual == self.captured(name)) {
            Some(name) => Err(format!("must differ from the captured {name}")),
            None => Ok(()),
        }
    }

    /// A variable that was not captured counts as null.
    fn captured(&self, name: &Value) -> &Value {
        name.as_str().and_then(|name| self.context.vars.get(name)).unwrap_or(&Value::Null)
    }

    fn is_filled(&self, template: &Value, actual: &Value) -> Result<(), String> {
        let want = self.context.vars.fill(template, self.context.now)?;
        if *actual == want {
            return Ok(());
        }
        Err(format!("{} is not {}", short(actual), short(&want)))
    }

    fn is_near(&self, time: DateTime<Utc>, want: &Value) -> Result<(), String> {
        let want = seconds(want).ok_or_else(|| format!("bad duration {want}"))?;
        let got = (time - self.context.now).as_seconds_f64();
        if (got - want).abs() <= f64::from(TIME_TOLERANCE) {
            return Ok(());
        }
        Err(format!("time is {got:+.0}s from now, wanted {want:+.0}s"))
    }

    fn jwt(&mut self, want: &Value, actual: &Value, place: &str) -> Result<(), String> {
        let jwt = actual.as_str().and_then(Jwt::parse);
        let jwt = jwt.ok_or_else(|| format!("{} is not a JWT", short(actual)))?;
        for (part, actual) in [("header", &jwt.header), ("claims", &jwt.claims)] {
            let want = want.get(part).ok_or_else(|| format!("$jwt lacks {part}"))?;
            self.value(want, actual, &format!("{place}<{part}>"), Keys::AnyOrder);
        }
        let key = self.context.config.pointer("/simple_jwt/signing_key").and_then(Value::as_str);
        let key = key.filter(|key| !key.is_empty());
        if key.and_then(|key| jwt.verifies_with(key)) == Some(false) {
            return Err("JWT signature does not verify with simple_jwt.signing_key".to_owned());
        }
        Ok(())
    }
}

fn matches_pattern(want: &Value, actual: &Value) -> Result<(), String> {
    let pattern = want.as_str().ok_or_else(|| format!("bad pattern {want}"))?;
    let regex = pattern::search(pattern, Dot::MatchesNewLine)?;
    if actual.as_str().is_some_and(|text| regex.is_match(text)) {
        return Ok(());
    }
    Err(format!("{} does not match /{pattern}/", short(actual)))
}

fn integer(actual: &Value) -> Result<i64, String> {
    actual.as_i64().ok_or_else(|| format!("{} is not an integer", short(actual)))
}

fn date_time(actual: &Value) -> Result<DateTime<Utc>, String> {
    let text = actual.as_str().filter(|text| ISO_8601.is_match(text));
    let time = text.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    time.map(|time| time.to_utc())
        .ok_or_else(|| format!("{} is not an ISO 8601 UTC time ending in Z", short(actual)))
}

/// A duration in seconds: a number, or a text as `"5m"`, `"+1d"`, `"-300s"`.
fn seconds(value: &Value) -> Option<f64> {
    let Some(text) = value.as_str() else {
        return value.as_f64();
    };
    let text = text.trim_start_matches('+');
    let unit = match text.chars().last()? {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86_400.0,
        'w' => 604_800.0,
        _ => return None,
    };
    text[..text.len() - 1].parse::<f64>().ok().map(|number| number * unit)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use hmac::{Hmac, KeyInit, Mac};
    use serde_json::json;
    use sha2::Sha256;

    use super::super::compare::tests::{NOW, differences};
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "values made in place read better")]
    fn holds(matcher: Value, actual: Value) -> bool {
        let vars = json!({"a": "one", "b": "two"});
        differences(&vars, &json!({}), &matcher, &actual).is_empty()
    }

    #[test]
    fn patterns_are_searched_for_in_texts_only() {
        assert!(holds(json!({"$re": "b.$"}), json!("ab\n")));
        assert!(holds(json!({"$re": "b"}), json!("abc")));
        assert!(!holds(json!({"$re": "^b"}), json!("abc")));
        assert!(!holds(json!({"$re": "1"}), json!(1)));
        assert!(!holds(json!({"$re": "("}), json!("(")));
    }

    #[test]
    fn variables_are_compared_and_told_apart() {
        assert!(holds(json!({"$var": "a"}), json!("one")));
        assert!(!holds(json!({"$var": "a"}), json!("two")));
        assert!(!holds(json!({"$var": "none"}), json!("one")));
        assert!(holds(json!({"$not_var": ["a", "b"]}), json!("three")));
        assert!(!holds(json!({"$not_var": ["a", "b"]}), json!("two")));
        assert!(!holds(json!({"$not_var": "a"}), json!("one")));
        assert!(holds(json!({"$tpl": "{{a}}/{{b}}"}), json!("one/two")));
        assert!(!holds(json!({"$tpl": "{{a}}"}), json!("one/two")));
        assert!(!holds(json!({"$tpl": "{{none}}"}), json!("one")));
    }

    #[test]
    fn integers_are_integers() {
        assert!(holds(json!({"$int": true}), json!(-3)));
        assert!(!holds(json!({"$int": true}), json!(1.5)));
        assert!(!holds(json!({"$int": true}), json!(true)));
        assert!(holds(json!({"$any": true}), json!(null)));
        assert!(!holds(json!({"$unheard_of": true}), json!(null)));
    }

    #[test]
    fn times_may_be_off_by_eight_seconds() {
        assert!(holds(json!({"$epoch": "+5m"}), json!(NOW + 308)));
        assert!(holds(json!({"$epoch": "+300s"}), json!(NOW + 292)));
        assert!(!holds(json!({"$epoch": "+300s"}), json!(NOW + 291)));
        assert!(!holds(json!({"$epoch": "+0s"}), json!(NOW.to_string())));
        assert!(!holds(json!({"$epoch": "+0s"}), json!(i64::MAX)));
        assert!(holds(json!({"$datetime": "+0s"}), json!("2023-11-14T22:13:20Z")));
        assert!(holds(json!({"$datetime": "-10s"}), json!("2023-11-14T22:13:12.123456Z")));
        for text in ["2023-11-14T22:13:29Z", "2023-11-14T22:13:20+00:00", "2023-11-14T22:13:20.1Z"]
        {
            assert!(!holds(json!({"$datetime": "+0s"}), json!(text)), "{text}");
        }
    }

    #[test]
    fn all_matchers_of_an_object_must_hold() {
        assert!(!holds(json!({"$re": "^o", "$not_var": ["a"]}), json!("one")));
        assert!(holds(json!({"$re": "^o", "$not_var": ["a"]}), json!("oh")));
    }

    fn token(header: &Value, claims: &Value, key: &str) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let data = format!("{}.{}", part(header), part(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(data.as_bytes());
        format!("{data}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn tokens_are_looked_into_and_their_signature_checked() {
        let config = json!({"simple_jwt": {"signing_key": "secret"}});
        let header = json!({"typ": "JWT", "alg": "HS256"});
        let want = json!({"$jwt": {"header": {"alg": "HS256", "typ": "JWT"},
            "claims": {"user_id": "1", "exp": {"$epoch": "+300s"}}}});
        let claims = json!({"exp": NOW + 300, "user_id": "1"});
        let check = |claims: &Value, key: &str| {
            let actual = json!(token(&header, claims, key));
            differences(&json!({}), &config, &want, &actual)
        };
        assert_eq!(check(&claims, "secret"), Vec::<String>::new());
        let got = check(&claims, "other");
        assert_eq!(got, ["/: JWT signature does not verify with simple_jwt.signing_key"]);
        let got = check(&json!({"exp": NOW + 300, "user_id": 1}), "secret");
        assert_eq!(got, [r#"<claims>/user_id: wanted "1", got 1"#]);
        let got = differences(&json!({}), &config, &want, &json!("a.b.c"));
        assert_eq!(got, [r#"/: "a.b.c" is not a JWT"#]);
    }
}
