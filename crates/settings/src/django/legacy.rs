//! Deprecated settings of allauth, translated into the ones that replaced them.

use serde_json::{Value, json};

use crate::assignment::Assignment;
use crate::finding::Finding;

/// Deprecated keys of `[account]`, and what replaced them.
const REPLACED: [(&str, &str); 11] = [
    ("authentication_method", "account.login_methods"),
    ("email_required", "account.signup_fields"),
    ("username_required", "account.signup_fields"),
    ("signup_email_enter_twice", "account.signup_fields"),
    ("signup_password_enter_twice", "account.signup_fields"),
    ("signup_password_verification", "account.signup_fields"),
    ("login_attempts_limit", "account.rate_limits"),
    ("login_attempts_timeout", "account.rate_limits"),
    ("email_confirmation_cooldown", "account.rate_limits"),
    ("email_confirmation_days", "account.email_confirmation_expire_days"),
    ("session_cookie_age", "session.cookie_age"),
];

/// Replaces deprecated assignments. Each becomes a warning; a value that makes no sense an error.
pub(crate) fn translate(
    assignments: Vec<Assignment>,
    findings: &mut Vec<Finding>,
) -> Vec<Assignment> {
    let (old, mut rest): (Vec<_>, Vec<_>) = assignments.into_iter().partition(is_deprecated);
    for assignment in &old {
        let target = replacement(assignment).unwrap_or_default();
        let message = format!("`{}` is deprecated", assignment.name());
        let finding = Finding::warning(&assignment.name(), assignment.origin.clone(), message);
        findings.push(finding.cure(format!("use `{target}`")));
    }
    let mut targets: Vec<_> = old.iter().filter_map(replacement).collect();
    targets.sort_unstable();
    targets.dedup();
    for target in targets {
        // allauth reads the old keys only where the new one is not set.
        let is_set = rest.iter().any(|assignment| assignment.name() == target);
        if target != "account.rate_limits" && is_set {
            continue;
        }
        let parts: Vec<_> = old.iter().filter(|a| replacement(a) == Some(target)).collect();
        combine(target, &parts, &mut rest, findings);
    }
    rest
}

fn is_deprecated(assignment: &Assignment) -> bool {
    replacement(assignment).is_some()
}

fn replacement(assignment: &Assignment) -> Option<&'static str> {
    let found = REPLACED.iter().find(|(key, _)| *key == assignment.key);
    found.filter(|_| assignment.table == "account").map(|(_, target)| *target)
}

fn combine(
    target: &'static str,
    parts: &[&Assignment],
    rest: &mut Vec<Assignment>,
    findings: &mut Vec<Finding>,
) {
    let Some(first) = parts.first() else { return };
    let value = match target {
        "account.login_methods" => login_methods(parts),
        "account.signup_fields" => signup_fields(parts),
        "account.rate_limits" => rate_limits(parts),
        _ => value(parts, &first.key).cloned(),
    };
    let Some(value) = value else {
        let message = format!("`{}` has a value that it cannot have", first.name());
        let finding = Finding::error(&first.name(), first.origin.clone(), message);
        return findings.push(finding.cure(format!("use `{target}`")));
    };
    if let Some(given) = rest.iter_mut().find(|assignment| assignment.name() == target) {
        return merge(given, &value);
    }
    let (table, key) = target.split_once('.').unwrap_or(("", target));
    rest.push(Assignment {
        table: table.to_owned(),
        key: key.to_owned(),
        readings: vec![value],
        origin: first.origin.clone(),
    });
}

/// Adds limits to a table of limits that the new key gives, which win.
fn merge(given: &mut Assignment, added: &Value) {
    for reading in &mut given.readings {
        if let (Value::Object(limits), Value::Object(added)) = (reading, added) {
            for (action, limit) in added {
                limits.entry(action.clone()).or_insert_with(|| limit.clone());
            }
        }
    }
}

/// The value of one of the old keys, if it is set.
fn value<'a>(parts: &[&'a Assignment], key: &str) -> Option<&'a Value> {
    let readings = &parts.iter().find(|part| part.key == key)?.readings;
    // An environment variable is read as a flag or a number where that works.
    readings.iter().find(|r| r.is_boolean() || r.is_number()).or(readings.first())
}

fn login_methods(parts: &[&Assignment]) -> Option<Value> {
    match value(parts, "authentication_method")?.as_str()? {
        "username_email" => Some(json!(["username", "email"])),
        method @ ("username" | "email") => Some(json!([method])),
        _ => None,
    }
}

/// As allauth composes the list from the old flags.
fn signup_fields(parts: &[&Assignment]) -> Option<Value> {
    let flag = |key, default: bool| match value(parts, key) {
        Some(value) => value.as_bool(),
        None => Some(default),
    };
    let email = flag("email_required", false)?;
    let star = if email { "*" } else { "" };
    let mut fields = vec![format!("email{star}")];
    if flag("signup_email_enter_twice", false)? {
        fields.push(format!("email2{star}"));
    }
    if flag("username_required", true)? {
        fields.push("username*".to_owned());
    }
    fields.push("password1*".to_owned());
    let verification = flag("signup_password_verification", true)?;
    if flag("signup_password_enter_twice", verification)? {
        fields.push("password2*".to_owned());
    }
    Some(json!(fields))
}

fn rate_limits(parts: &[&Assignment]) -> Option<Value> {
    let number = |key, default: u64| match value(parts, key) {
        None => Some(default),
        Some(Value::Null | Value::Bool(false)) => Some(0),
        Some(value) => value.as_u64(),
    };
    let mut limits = serde_json::Map::new();
    if parts.iter().any(|part| part.key == "email_confirmation_cooldown") {
        let seconds = number("email_confirmation_cooldown", 180)?;
        let limit = if seconds == 0 { String::new() } else { format!("1/{seconds}s/key") };
        limits.insert("confirm_email".to_owned(), Value::from(limit));
    }
    if parts.iter().any(|part| part.key.starts_with("login_attempts")) {
        let attempts = number("login_attempts_limit", 5)?;
        let seconds = number("login_attempts_timeout", 300)?;
        let limit = match attempts.min(seconds) {
            0 => String::new(),
            _ => format!("10/m/ip,{attempts}/{seconds}s/key"),
        };
        limits.insert("login_failed".to_owned(), Value::from(limit));
    }
    Some(Value::Object(limits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::ValueOrigin;

    fn account(key: &str, value: Value) -> Assignment {
        Assignment {
            table: "account".to_owned(),
            key: key.to_owned(),
            readings: vec![value],
            origin: ValueOrigin::Default,
        }
    }

    fn translated(old: Vec<Assignment>) -> Vec<(String, Value)> {
        let mut findings = Vec::new();
        let new = translate(old, &mut findings);
        assert!(!findings.is_empty());
        new.into_iter().map(|a| (a.name(), a.readings[0].clone())).collect()
    }

    #[test]
    fn flags_of_registration_become_a_list() {
        let old = vec![
            account("email_required", json!(true)),
            account("username_required", json!(false)),
        ];
        let fields = json!(["email*", "password1*", "password2*"]);
        assert_eq!(translated(old), [("account.signup_fields".to_owned(), fields)]);
    }

    #[test]
    fn the_new_key_wins() {
        let old = vec![
            account("authentication_method", json!("email")),
            account("login_methods", json!(["username"])),
        ];
        assert_eq!(translated(old), [("account.login_methods".to_owned(), json!(["username"]))]);
    }

    #[test]
    fn limits_join_the_table() {
        let old = vec![
            account("login_attempts_limit", json!(3)),
            account("email_confirmation_cooldown", json!(0)),
            account("rate_limits", json!({"login": "5/m/ip"})),
        ];
        let limits = json!({
            "login": "5/m/ip",
            "confirm_email": "",
            "login_failed": "10/m/ip,3/300s/key",
        });
        assert_eq!(translated(old), [("account.rate_limits".to_owned(), limits)]);
    }

    #[test]
    fn nonsense_is_an_error() {
        let mut findings = Vec::new();
        let rest = translate(vec![account("authentication_method", json!("phone"))], &mut findings);
        assert!(rest.is_empty());
        assert_eq!(
            findings[1].to_string(),
            "`account.authentication_method` has a value that it cannot have; \
             use `account.login_methods`"
        );
    }
}
