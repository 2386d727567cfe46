//! The settings of tokens, as Django's `SIMPLE_JWT`.

use std::time::Duration;

use serde_json::Value;

/// The audience of tokens (`AUDIENCE`). It is written into `aud` in the form given here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// One audience, written as text.
    One(String),
    /// Several, written as a list; a token for any of them is accepted.
    Any(Vec<String>),
}

impl Audience {
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::One(audience) => Value::from(audience.as_str()),
            Self::Any(audiences) => Value::from(audiences.as_slice()),
        }
    }

    /// Whether an `aud` claim, text or a list of nothing but text, names one of ours.
    pub(super) fn is_named_by(&self, claim: &Value) -> bool {
        match claim {
            Value::String(audience) => !audience.is_empty() && self.contains(audience),
            Value::Array(audiences) => {
                audiences.iter().all(Value::is_string)
                    && audiences.iter().filter_map(Value::as_str).any(|a| self.contains(a))
            }
            _ => false,
        }
    }

    fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(ours) => ours == audience,
            Self::Any(ours) => ours.iter().any(|our| our == audience),
        }
    }
}

/// The settings of `SIMPLE_JWT` that shape tokens; the default values are SimpleJWT's.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// How long an access token works. Five minutes.
    pub access_token_lifetime: Duration,
    /// How long a refresh token works. One day.
    pub refresh_token_lifetime: Duration,
    /// How far the clocks of two servers may differ. None.
    pub leeway: Duration,
    /// How far `iat` and `nbf` may be in the future, if that is more than the leeway. Not at all.
    pub issue_leeway: Duration,
    /// Written as `aud` and demanded of every token. Unset: a foreign `aud` is ignored.
    pub audience: Option<Audience>,
    /// Written as `iss` and demanded of every token. Unset: a foreign `iss` is ignored.
    pub issuer: Option<String>,
    /// Written as the `typ` header instead of `JWT` and demanded of every token (RFC 8725 section
    /// 3.11), without regard to case. Unset: not looked at, as in SimpleJWT.
    pub header_type: Option<String>,
    /// The claim that names the user: `user_id`.
    pub user_id_claim: String,
    /// The claim for the type of a token: `token_type`. Unset: neither written nor
    /// checked.
    pub token_type_claim: Option<String>,
    /// The claim with the token's own id: `jti`. Unset: neither written nor checked, and no token
    /// can be blacklisted.
    pub jti_claim: Option<String>,
    /// Whether a digest of the stored password is written into tokens and compared, so that a
    /// change of password ends access tokens. Off.
    pub check_revoke_token: bool,
    /// The claim with that digest: `hash_password`.
    pub revoke_token_claim: String,
    /// Whether tokens of deactivated users are refused. On.
    pub check_user_is_active: bool,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            access_token_lifetime: Duration::from_mins(5),
            refresh_token_lifetime: Duration::from_hours(24),
            leeway: Duration::ZERO,
            issue_leeway: Duration::ZERO,
            audience: None,
            issuer: None,
            header_type: None,
            user_id_claim: "user_id".to_owned(),
            token_type_claim: Some("token_type".to_owned()),
            jti_claim: Some("jti".to_owned()),
            check_revoke_token: false,
            revoke_token_claim: "hash_password".to_owned(),
            check_user_is_active: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_audience_is_named_by_text_or_by_a_list_of_text() {
        let ours = Audience::Any(vec!["a".to_owned(), "b".to_owned()]);
        for named in [json!("a"), json!(["x", "b"])] {
            assert!(ours.is_named_by(&named), "{named}");
        }
        for other in
            [json!("x"), json!([]), json!(["a", 1]), json!(5), json!(null), json!({"a": 1})]
        {
            assert!(!ours.is_named_by(&other), "{other}");
        }
    }
}
