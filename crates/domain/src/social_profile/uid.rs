//! The identity of a person at a provider. It must stay as allauth stored it, or everybody would
//! get a second account.

use serde_json::Value;

use super::profile::ProfileError;
use crate::python_text;

/// The most code points of `socialaccount_socialaccount.uid`.
pub const MAX_LENGTH: usize = 191;

/// Reads the uid that allauth stores for `provider`. `uid_field` names another claim than `sub`,
/// for providers that let it be configured.
///
/// # Errors
/// When there is none, or none that can be stored whole.
pub fn read(provider: &str, uid_field: Option<&str>, data: &Value) -> Result<String, ProfileError> {
    let uid = find(provider, uid_field, data).ok_or(ProfileError::NoUid)?;
    if uid.is_empty() || uid.contains('\0') {
        return Err(ProfileError::NoUid);
    }
    if uid.chars().nth(MAX_LENGTH).is_some() {
        return Err(ProfileError::UidTooLong);
    }
    Ok(uid)
}

/// The document that holds the claims: `userinfo`, else `id_token`, else the whole answer.
pub(super) fn claims(data: &Value) -> &Value {
    data.get("userinfo").or_else(|| data.get("id_token")).unwrap_or(data)
}

fn find(provider: &str, uid_field: Option<&str>, data: &Value) -> Option<String> {
    let at = |pointer: &str| data.pointer(pointer).and_then(printed);
    let first = |keys: &[&str]| keys.iter().find_map(|key| data.get(key).and_then(printed));
    match provider {
        "openid_connect" => claims(data).get(uid_field.unwrap_or("sub")).and_then(printed),
        "okta" | "netiq" => first(&[uid_field.unwrap_or("sub")]),
        "google" => first(&["sub", "id"]),
        "apple" | "amazon_cognito" | "auth0" | "authentiq" | "cilogon" | "globus" | "yahoo"
        | "mediawiki" | "quickbooks" => first(&["sub"]),
        "amazon" | "gumroad" | "hubspot" | "mailchimp" | "paypal" | "salesforce" | "vk" => {
            first(&["user_id"])
        }
        "bitbucket_oauth2" | "atlassian" | "dropbox" | "stackexchange" => first(&["account_id"]),
        "fxa" | "baidu" | "mailru" | "odnoklassniki" | "draugiem" => first(&["uid"]),
        "tiktok" | "feishu" => first(&["open_id"]),
        "weixin" => first(&["openid"]),
        "dingtalk" => first(&["openId"]),
        "hubic" | "drip" => first(&["email"]),
        "asana" => first(&["gid", "id"]),
        "line" => first(&["userId", "sub"]),
        "reddit" => first(&["name"]),
        "soundcloud" => first(&["urn"]),
        "zoho" => first(&["ZUID"]),
        "digitalocean" => at("/account/uuid"),
        "orcid" => at("/orcid-identifier/path"),
        "shopify" => at("/associated_user/id").or_else(|| at("/shop/id")),
        "battlenet" => first(&["id"]).map(|id| in_china(id, data)),
        "slack" => {
            joined(first(&["https://slack.com/team_id"]), first(&["https://slack.com/user_id"]))
        }
        "notion" => {
            Some(format!("user-{}_workspace-{}", at("/owner/user/id")?, first(&["workspace_id"])?))
        }
        _ => first(&["id"]),
    }
}

/// Battle.net's accounts in China are others with the same numbers.
fn in_china(id: String, data: &Value) -> String {
    if data.get("region").and_then(Value::as_str) == Some("cn") { id + "-cn" } else { id }
}

fn joined(team: Option<String>, user: Option<String>) -> Option<String> {
    Some(format!("{}_{}", team?, user?))
}

/// Texts as they are, numbers as Python prints them.
fn printed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_f64() => number.as_f64().map(python_text::float_repr),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn knows_where_each_provider_keeps_it() {
        for (provider, data, uid) in [
            (
                "slack",
                json!({"https://slack.com/team_id": "T", "https://slack.com/user_id": "U"}),
                "T_U",
            ),
            (
                "notion",
                json!({"owner": {"user": {"id": "u"}}, "workspace_id": "w"}),
                "user-u_workspace-w",
            ),
            ("battlenet", json!({"id": 5, "region": "cn"}), "5-cn"),
            ("battlenet", json!({"id": 5, "region": "eu"}), "5"),
            ("digitalocean", json!({"account": {"uuid": "d"}}), "d"),
            ("orcid", json!({"orcid-identifier": {"path": "0000-1"}}), "0000-1"),
            ("line", json!({"sub": "s", "userId": "l"}), "l"),
            ("reddit", json!({"id": "no", "name": "spez"}), "spez"),
            ("spotify", json!({"id": "sp"}), "sp"),
            ("twitter", json!({"id": 18_446_744_073_709_551_615_u64}), "18446744073709551615"),
            ("spotify", json!({"id": 1e16}), "1e+16"),
        ] {
            assert_eq!(read(provider, None, &data).as_deref(), Ok(uid), "{provider}");
        }
        assert_eq!(
            read("slack", None, &json!({"https://slack.com/team_id": "T"})),
            Err(ProfileError::NoUid)
        );
    }

    #[test]
    fn reads_the_configured_claim_of_the_providers_that_have_one() {
        let data = json!({"sub": "s", "employee_id": 77});
        assert_eq!(read("okta", Some("employee_id"), &data).as_deref(), Ok("77"));
        assert_eq!(read("google", Some("employee_id"), &data).as_deref(), Ok("s"));
    }
}
