//! allauth's rate limits, by action: `5/m`, `5/300s/key`.

use std::collections::BTreeMap;

use rest_auth_domain::rate::{InvalidRate, RateLimit, parse_allauth};
use rest_auth_settings::value::Json;
use rest_auth_settings::{SettingValue, ValueError, nearest};
use serde_json::json;

/// Limits by the name of an action. An action without limits is not limited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimits(BTreeMap<String, Vec<RateLimit>>);

/// Actions that `profile = "django"` limits, too. dj-rest-auth limits the first. It does not limit
/// the second and `mfa`, but guessing must be limited. The others belong to endpoints that dj-rest-auth does
/// not have.
const ALWAYS: [(&str, &str); 5] = [
    ("confirm_email", "1/180s/key"),
    ("login_failed", "10/m/ip,5/300s/key"),
    ("manage_email", "10/m/user"),
    ("mfa", "10/10m/user"),
    ("reauthenticate", "10/m/user"),
];
/// The other actions of this API, with allauth's defaults. It has neither `change_username`,
/// `login_code`, `login_failed_account`, `passkey`, `resend_email` nor `social_begin`.
const STRICT: [(&str, &str); 12] = [
    ("change_password", "5/m/user"),
    ("change_username", "10/m/user,100/d/user"),
    ("login", "30/m/ip"),
    ("login_code", "20/h/key,60/d/key"),
    ("login_failed_account", "100/d/key"),
    ("passkey", "30/m/ip"),
    ("request_login_code", "20/m/ip,3/m/key,10/d/key"),
    ("resend_email", "20/m/ip,1/180s/key"),
    ("reset_password", "20/m/ip,5/m/key"),
    ("reset_password_from_key", "20/m/ip"),
    ("signup", "20/m/ip"),
    ("social_begin", "30/m/ip"),
];
/// Actions of allauth that this API does not have. Their limits are accepted without effect.
const ELSEWHERE: [&str; 2] = ["change_phone", "verify_phone"];

impl RateLimits {
    /// The limits of an action, all of which hold.
    #[must_use]
    pub fn of(&self, action: &str) -> &[RateLimit] {
        self.0.get(action).map_or(&[], Vec::as_slice)
    }

    /// Replaces the limits of an action.
    pub fn replace(&mut self, action: &str, limits: Vec<RateLimit>) {
        self.0.insert(action.to_owned(), limits);
    }
}

impl RateLimits {
    /// allauth's defaults: every action is limited.
    #[must_use]
    pub fn of_allauth() -> Self {
        Self::read(ALWAYS.iter().chain(&STRICT))
    }

    /// The limits on the endpoints of dj-rest-auth.
    #[must_use]
    pub fn of_dj_rest_auth() -> Self {
        Self::read(ALWAYS.iter())
    }

    fn read<'t>(texts: impl Iterator<Item = &'t (&'t str, &'t str)>) -> Self {
        let rates = |text: &str| parse_allauth(text).unwrap_or_default();
        Self(texts.map(|(name, text)| ((*name).to_owned(), rates(text))).collect())
    }
}

impl SettingValue for RateLimits {
    fn type_name() -> String {
        "table of limits, or false".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        Self(BTreeMap::new()).parse_over(value)
    }

    fn parse_over(&self, value: &Json) -> Result<Self, ValueError> {
        let entries = match value {
            Json::Bool(false) => return Ok(Self(BTreeMap::new())),
            Json::Object(entries) => entries,
            other => return Err(ValueError::expected("a table of limits, or false", other)),
        };
        let mut limits = self.clone();
        for (action, value) in entries {
            let mut here: Vec<_> = ALWAYS.iter().chain(&STRICT).map(|(name, _)| *name).collect();
            if !here.iter().chain(&ELSEWHERE).any(|name| name == action) {
                here.sort_unstable();
                let message = format!("has no action `{action}`; it has {}", here.join(", "));
                let nearest = nearest::word(here.iter().copied(), action);
                return Err(match nearest {
                    Some(word) => ValueError::rule(message, format!("did you mean `{word}`?")),
                    None => ValueError::new(message),
                });
            }
            let rates =
                read_rates(value).map_err(|error| error.within(&format!("(at {action})")))?;
            limits.replace(action, rates);
        }
        Ok(limits)
    }

    fn show(&self) -> Json {
        let text = |rates: &[RateLimit]| {
            rates.iter().map(RateLimit::to_string).collect::<Vec<_>>().join(",")
        };
        self.0.iter().map(|(name, rates)| (name.clone(), Json::from(text(rates)))).collect()
    }

    fn schema() -> Json {
        json!({"anyOf": [
            {"const": false},
            {"type": "object", "additionalProperties": {
                "type": ["string", "array", "boolean", "null"],
                "items": {"type": "string"},
            }},
        ]})
    }
}

/// The limits of one action: a text as allauth reads it, an array of such texts, or nothing.
fn read_rates(value: &Json) -> Result<Vec<RateLimit>, ValueError> {
    match value {
        Json::Null | Json::Bool(false) => Ok(Vec::new()),
        Json::String(text) => parse_allauth(text).map_err(|InvalidRate(rate)| {
            ValueError::new(format!(
                "must be like \"5/m\", \"5/m/ip\" or \"20/m/ip,5/300s/key\", not {rate:?}"
            ))
        }),
        Json::Array(items) => {
            let items = items.iter().map(read_rates).collect::<Result<Vec<_>, _>>()?;
            Ok(items.concat())
        }
        other => Err(ValueError::expected("a rate, an array of rates, or false", other)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rest_auth_domain::rate::Per;

    use super::*;

    #[test]
    fn what_is_given_is_added_to_the_defaults() {
        let given = json!({"login_failed": "2/m/ip,2/m/key", "confirm_email": ""});
        let limits = RateLimits::of_allauth().parse_over(&given).unwrap();
        assert_eq!(limits.of("login_failed").len(), 2);
        assert_eq!(limits.of("confirm_email"), []);
        let login = RateLimit { amount: 30, period: Duration::from_mins(1), per: Per::Ip };
        assert_eq!(limits.of("login"), [login]);
        let none = RateLimits::of_allauth().parse_over(&json!(false)).unwrap();
        assert_eq!(none, RateLimits(BTreeMap::new()));
    }

    #[test]
    fn a_django_project_gets_no_limits_that_it_did_not_have_unless_it_asks() {
        let django = RateLimits::of_dj_rest_auth();
        assert_eq!(django.of("login"), []);
        assert_eq!(django.parse_over(&json!({"login": "3/m/ip"})).unwrap().of("login").len(), 1);
    }

    #[test]
    fn what_is_shown_reads_back() {
        let limits = RateLimits::of_allauth();
        assert_eq!(RateLimits::parse(&limits.show()), Ok(limits));
    }

    #[test]
    fn a_rate_of_a_django_project_can_be_pasted() {
        let limits = |value: Json| {
            let given = json!({"login": value});
            RateLimits::of_allauth().parse_over(&given).map(|limits| limits.of("login").to_vec())
        };
        let minute = RateLimit { amount: 5, period: Duration::from_mins(1), per: Per::Ip };
        let days = RateLimit { amount: 1, period: Duration::from_hours(48), per: Per::Ip };
        let half = RateLimit { amount: 1, period: Duration::from_millis(500), per: Per::Ip };
        assert_eq!(limits(json!("5/m")), Ok(vec![minute]));
        assert_eq!(limits(json!("1/2d")), Ok(vec![days]));
        assert_eq!(limits(json!("1/0.5s/ip")), Ok(vec![half]));
        assert_eq!(limits(json!("5/m, 1/2d")), Ok(vec![minute, days]));
        assert_eq!(limits(json!(["5/m", "1/2d,1/0.5s"])), Ok(vec![minute, days, half]));
        for nothing in [json!(""), json!(" "), json!(null), json!(false), json!([])] {
            assert_eq!(limits(nothing), Ok(vec![]));
        }
    }

    #[test]
    fn every_default_can_be_read() {
        for (action, text) in ALWAYS.iter().chain(&STRICT) {
            let limits = RateLimits::of_allauth();
            assert_eq!(parse_allauth(text).as_deref(), Ok(limits.of(action)), "{action}");
            assert!(!limits.of(action).is_empty(), "{action}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["5", "5/m/planet", "x/m/ip", "5/0s/ip", "5/m/ip/ip"] {
            assert!(RateLimits::parse(&json!({"login": text})).is_err(), "{text}");
        }
        let unknown = RateLimits::parse(&json!({"logn": "5/m/ip"})).unwrap_err();
        assert_eq!(unknown.cure(), Some("did you mean `login`?"));
        // Actions of allauth that this API does not have are no help.
        assert!(!unknown.to_string().contains("phone"), "{unknown}");
    }
}
