//! The profile of a user in a provider's answer.

use rest_auth_domain::username;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::addresses::{self, TrustedEmail};
use crate::profile_email::ProfileEmail;
use crate::provider::Answer;
use crate::providers;

/// The most code points of `socialaccount_socialaccount.uid`.
pub const LONGEST_UID: usize = 191;

/// The most code points of `auth_user.first_name` and `last_name`.
const LONGEST_NAME: usize = 150;

/// Where a profile comes from: a provider and what its app is configured with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// Which provider it is, such as `github` or `openid_connect`.
    pub provider: &'a str,
    /// The name of one of several apps of the same kind (`provider_id`).
    pub provider_id: Option<&'a str>,
    /// The claim that identifies a user, if it is not the usual one (`uid_field`).
    pub uid_field: Option<&'a str>,
    /// Which addresses count as verified although the provider does not say so.
    pub trusted_email: TrustedEmail<'a>,
}

impl<'a> Source<'a> {
    /// The value of `socialaccount_socialaccount.provider`.
    #[must_use]
    pub fn stored_provider(&self) -> &'a str {
        self.provider_id.filter(|id| !id.is_empty()).unwrap_or(self.provider)
    }
}

/// A user as a provider describes them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SocialProfile {
    /// The provider as stored; together with the uid it identifies the account.
    pub provider: String,
    /// The user's identity at the provider, 1 to 191 code points.
    pub uid: String,
    /// What the account may be stored under from an older release of allauth.
    pub former_uid: Option<FormerUid>,
    /// The provider's answer, as it is stored.
    pub extra_data: Value,
    /// The addresses, lower case, the primary and the verified first.
    pub emails: Vec<ProfileEmail>,
    /// The user name at the provider, unchecked; may be empty.
    pub username: String,
    /// The address of a new user; may be empty.
    pub email: String,
    /// The given name; may be empty.
    pub first_name: String,
    /// The family name; may be empty.
    pub last_name: String,
}

/// A user name that allauth stored as the uid until it found out that names change hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerUid {
    /// The name.
    pub uid: String,
    /// The member of the stored data that has the lasting identity.
    member: String,
}

impl FormerUid {
    /// Whether an account that is stored under the name is that of this uid. The name alone proves
    /// nothing: somebody else may have it now.
    #[must_use]
    pub fn is_of(&self, uid: &str, extra_data: &Value) -> bool {
        extra_data.get(&self.member).and_then(Value::as_str) == Some(uid)
    }
}

/// The reason why a provider's answer does not identify a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// It has no uid, or one that is no text or number, empty, or not storable (U+0000).
    #[error("the provider's answer has no usable uid")]
    NoUid,
    /// The uid is longer than [`LONGEST_UID`]; cut, it could be another user's.
    #[error("the provider's uid has more than {LONGEST_UID} characters")]
    UidTooLong,
}

/// Reads the answer of a provider.
///
/// # Errors
/// [`ProfileError`] if the answer does not identify the user.
pub fn extract(source: &Source<'_>, data: Value) -> Result<SocialProfile, ProfileError> {
    let provider = providers::of(source.provider);
    let reported = (provider.read_profile)(&Answer::new(&data, source.uid_field));
    let emails = addresses::clean(&reported, source.trusted_email);
    let email = emails.first().map(|first| first.email.clone()).unwrap_or_default();
    let name = reported.name.unwrap_or_default();
    let (first_word, rest) = name.split_once(' ').unwrap_or((&name, ""));
    let username = reported.username.as_deref().unwrap_or_default();
    Ok(SocialProfile {
        provider: source.stored_provider().to_owned(),
        uid: storable_uid(reported.uid)?,
        former_uid: reported
            .former_uid
            .map(|(uid, member)| FormerUid { uid, member: member.to_owned() }),
        emails,
        username: storable(username, username::MAX_LENGTH),
        email,
        first_name: storable(reported.first_name.as_deref().unwrap_or(first_word), LONGEST_NAME),
        last_name: storable(reported.last_name.as_deref().unwrap_or(rest), LONGEST_NAME),
        extra_data: storable_data(without(data, reported.not_stored)),
    })
}

fn storable_uid(uid: Option<String>) -> Result<String, ProfileError> {
    let uid = uid.filter(|uid| !uid.is_empty() && !uid.contains('\0'));
    let uid = uid.ok_or(ProfileError::NoUid)?;
    if uid.chars().nth(LONGEST_UID).is_some() { Err(ProfileError::UidTooLong) } else { Ok(uid) }
}

/// What a column of `length` code points can hold of a text.
fn storable(text: &str, length: usize) -> String {
    text.chars().filter(|character| *character != '\0').take(length).collect()
}

/// The same without U+0000, which no database keeps in JSON.
fn storable_data(data: Value) -> Value {
    let plain = |text: String| if text.contains('\0') { text.replace('\0', "") } else { text };
    match data {
        Value::String(text) => Value::String(plain(text)),
        Value::Array(items) => Value::Array(items.into_iter().map(storable_data).collect()),
        Value::Object(members) => Value::Object(
            members.into_iter().map(|(name, value)| (plain(name), storable_data(value))).collect(),
        ),
        other => other,
    }
}

fn without(mut data: Value, members: &[&str]) -> Value {
    if let Value::Object(entries) = &mut data {
        for member in members {
            entries.shift_remove(*member);
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn from(provider: &str, data: Value) -> Result<SocialProfile, ProfileError> {
        extract(&Source { provider, ..Source::default() }, data)
    }

    #[test]
    fn refuses_answers_of_any_other_shape() {
        for data in [
            json!(null),
            json!([]),
            json!("x"),
            json!({}),
            json!({"id": null}),
            json!({"id": ""}),
            json!({"id": true}),
            json!({"id": {"id": 1}}),
            json!({"id": "a\0"}),
        ] {
            assert_eq!(from("github", data.clone()), Err(ProfileError::NoUid), "{data}");
        }
        let long = json!({"id": "é".repeat(192)});
        assert_eq!(from("github", long), Err(ProfileError::UidTooLong));
        assert!(from("github", json!({"id": "é".repeat(191)})).is_ok());
    }

    #[test]
    fn ignores_fields_of_the_wrong_type_and_cuts_long_names() {
        let data = json!({"id": 1, "login": ["x"], "email": 5, "name": "n".repeat(400),
            "emails": [7, {"email": null}, {"email": "a@b.co", "verified": "yes"}]});
        let profile = from("github", data).unwrap();
        assert_eq!((profile.username.as_str(), profile.first_name.len()), ("", 150));
        let address = ProfileEmail { email: "a@b.co".to_owned(), verified: false, primary: false };
        assert_eq!(profile.emails, [address]);
    }

    #[test]
    fn a_name_of_before_is_a_user_only_where_the_lasting_identity_was_stored_with_it() {
        for (provider, member) in [("bitbucket_oauth2", "account_id"), ("pinterest", "id")] {
            let data = json!({member: "557:51", "username": "ada"});
            let former = from(provider, data).unwrap().former_uid.unwrap();
            assert_eq!(former.uid, "ada");
            assert!(former.is_of("557:51", &json!({member: "557:51"})));
            for stored in [json!({member: "557:52"}), json!({}), json!({"username": "ada"})] {
                assert!(!former.is_of("557:51", &stored), "{stored}");
            }
        }
        assert_eq!(from("github", json!({"id": 1, "login": "ada"})).unwrap().former_uid, None);
    }

    #[test]
    fn trusts_domains_that_are_configured() {
        let domains = ["Corp.example".to_owned()];
        let trusted_email = TrustedEmail::Domains(&domains);
        let source = Source { provider: "facebook", trusted_email, ..Source::default() };
        let verified = |email: &str| {
            extract(&source, json!({"id": "1", "email": email})).unwrap().emails[0].verified
        };
        assert!(verified("a@corp.EXAMPLE"));
        assert!(!verified("a@evil.corp.example"));
    }

    #[test]
    fn knows_where_each_provider_keeps_the_uid() {
        let uid = |provider: &str, data: Value| from(provider, data).map(|profile| profile.uid);
        for (provider, data, expected) in [
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
            assert_eq!(uid(provider, data).as_deref(), Ok(expected), "{provider}");
        }
        let half = json!({"https://slack.com/team_id": "T"});
        assert_eq!(uid("slack", half), Err(ProfileError::NoUid));
    }

    #[test]
    fn reads_the_configured_claim_of_the_providers_that_have_one() {
        let data = json!({"sub": "s", "employee_id": 77});
        let uid = |provider: &str| {
            let source = Source { provider, uid_field: Some("employee_id"), ..Source::default() };
            extract(&source, data.clone()).map(|profile| profile.uid)
        };
        assert_eq!(uid("okta").as_deref(), Ok("77"));
        assert_eq!(uid("openid_connect").as_deref(), Ok("77"));
        assert_eq!(uid("google").as_deref(), Ok("s"));
    }
}
