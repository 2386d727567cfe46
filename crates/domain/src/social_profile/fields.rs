//! The names and the one address that a provider's answer gives a new user.

use serde_json::Value;

use super::uid;

/// What a new user is filled with. Absent and empty texts are the same.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) email: Option<String>,
    pub(super) email_verified: bool,
    pub(super) username: Option<String>,
    pub(super) name: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
}

pub(super) fn read(provider: &str, data: &Value) -> Fields {
    let text = |pointer: &str| text_at(data, pointer);
    match provider {
        "google" => Fields {
            email: text("/email"),
            email_verified: says_yes(data, "/email_verified") || says_yes(data, "/verified_email"),
            first_name: text("/given_name"),
            last_name: text("/family_name"),
            ..Fields::default()
        },
        "github" => Fields {
            email: text("/email"),
            username: text("/login"),
            name: text("/name"),
            ..Fields::default()
        },
        "apple" => Fields {
            email: text("/email"),
            email_verified: says_yes(data, "/email_verified"),
            first_name: text("/name/firstName"),
            last_name: text("/name/lastName"),
            ..Fields::default()
        },
        "microsoft" => Fields {
            email: text("/mail").or_else(|| text("/userPrincipalName")),
            username: text("/mailNickname"),
            first_name: text("/givenName"),
            last_name: text("/surname"),
            ..Fields::default()
        },
        "discord" => Fields {
            email: text("/email"),
            email_verified: says_yes(data, "/verified"),
            username: text("/username"),
            name: text("/username"),
            ..Fields::default()
        },
        "openid_connect" => of_claims(uid::claims(data)),
        "okta" | "netiq" | "amazon_cognito" | "slack" | "yahoo" | "salesforce" => of_claims(data),
        other => of_any_other(other, data),
    }
}

/// The standard claims of an identity token.
fn of_claims(claims: &Value) -> Fields {
    Fields {
        email: text_at(claims, "/email"),
        email_verified: says_yes(claims, "/email_verified"),
        username: text_at(claims, "/preferred_username"),
        name: text_at(claims, "/name"),
        first_name: text_at(claims, "/given_name"),
        last_name: text_at(claims, "/family_name"),
    }
}

/// Every provider without rules of its own: the usual spellings of the usual fields.
fn of_any_other(provider: &str, data: &Value) -> Fields {
    let first = |keys: &[&str]| keys.iter().find_map(|pointer| text_at(data, pointer));
    let (email, verified) = match provider {
        "kakao" => ("/kakao_account/email", "/kakao_account/is_email_verified"),
        "digitalocean" => ("/account/email", "/account/email_verified"),
        "notion" => ("/owner/user/person/email", ""),
        "shopify" => ("/shop/email", ""),
        "hubspot" => ("/user", ""),
        "zoom" => ("/email", "/verified"),
        "atlassian" => ("/email", "/email_verified"),
        // All others do not say, or say it about something else.
        _ => ("/email", ""),
    };
    let always = matches!(provider, "naver" | "hubspot");
    Fields {
        email: text_at(data, email),
        email_verified: always || (!verified.is_empty() && says_yes(data, verified)),
        username: first(&["/preferred_username", "/username", "/login", "/screen_name"]),
        name: first(&["/name", "/display_name"]),
        first_name: first(&["/first_name", "/given_name"]),
        last_name: first(&["/last_name", "/family_name"]),
    }
}

fn text_at(data: &Value, pointer: &str) -> Option<String> {
    data.pointer(pointer)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Whether a flag is set: `true`, or the text `true` that Apple and Cognito send. Every other text
/// means no: a mistake here would hand an account to whoever claims its address.
pub(super) fn says_yes(data: &Value, pointer: &str) -> bool {
    match data.pointer(pointer) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}
