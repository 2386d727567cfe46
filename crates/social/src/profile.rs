//! The profile of a user in a provider's answer.

use rest_auth_domain::username;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::addresses::{self, TrustedEmail};
use crate::named_fields::{self, FieldNames};
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
    /// What identifies a user, if it is not the usual member (`uid_field`).
    pub uid_field: Option<&'a str>,
    /// Where the address is, if not in the usual place.
    pub email_field: Option<&'a str>,
    /// Where the provider says whether that address is verified.
    pub email_verified_field: Option<&'a str>,
    /// Which addresses count as verified.
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
    let answer = Answer::new(&data);
    let mut reported = (provider.read_profile)(&answer);
    let names = FieldNames {
        uid: source.uid_field,
        email: source.email_field,
        email_verified: source.email_verified_field,
    };
    named_fields::apply(names, &answer, &mut reported);
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
            ("spotify", json!({"id": 1e-7}), "1e-07"),
        ] {
            assert_eq!(uid(provider, data).as_deref(), Ok(expected), "{provider}");
        }
        let half = json!({"https://slack.com/team_id": "T"});
        assert_eq!(uid("slack", half), Err(ProfileError::NoUid));
    }

    #[test]
    fn trusts_no_address_of_a_provider_that_is_not_trusted() {
        let data = json!({"id": 1, "emails": [{"email": "a@b.co", "verified": true}]});
        let source = Source { provider: "github", ..Source::default() };
        assert!(extract(&source, data.clone()).unwrap().emails[0].verified);
        let source = Source { trusted_email: TrustedEmail::Never, ..source };
        assert!(!extract(&source, data).unwrap().emails[0].verified);
    }

    /// The uid, the address and whether it is verified.
    fn named(source: &Source<'_>, data: Value) -> (String, String, bool) {
        let profile = extract(source, data).unwrap();
        let verified = profile.emails.first().is_some_and(|email| email.verified);
        (profile.uid, profile.email, verified)
    }

    #[test]
    fn reads_the_members_that_are_configured_in_place_of_the_usual_ones() {
        let data = json!({
            "sub": "s", "id": 1, "email": "usual@b.co", "email_verified": true, "employee_id": 77,
            "a.b": "with a dot", "a": {"b": "below", "mails": [{"at": "own@b.co", "ok": "true"}]},
        });
        for provider in ["google", "okta", "openid_connect", "netiq", "gitlab", "acme"] {
            for (uid_field, wanted) in
                [("employee_id", "77"), ("a.b", "with a dot"), ("a.mails.0.ok", "true")]
            {
                let source = Source { provider, uid_field: Some(uid_field), ..Source::default() };
                assert_eq!(named(&source, data.clone()).0, wanted, "{provider}");
            }
            let email_field = Some("a.mails.0.at");
            let own = Source { provider, email_field, ..Source::default() };
            // The usual flag is not about this address.
            let found = named(&own, data.clone());
            assert_eq!((&*found.1, found.2), ("own@b.co", false), "{provider}");
            let told = Source { email_verified_field: Some("a.mails.0.ok"), ..own };
            let found = named(&told, data.clone());
            assert_eq!((&*found.1, found.2), ("own@b.co", true), "{provider}");
            let source = Source { provider, email_verified_field: Some("a.b"), ..own };
            assert!(!named(&source, data.clone()).2, "{provider}");
        }
        for uid_field in ["nowhere", "a", "a.mails.1.at", "a..b", ""] {
            let source =
                Source { provider: "google", uid_field: Some(uid_field), ..Source::default() };
            assert_eq!(extract(&source, data.clone()), Err(ProfileError::NoUid), "{uid_field}");
        }
        let source = Source { provider: "google", email_field: Some("a.x"), ..Source::default() };
        assert_eq!(named(&source, data).1, "");
    }

    #[test]
    fn an_address_and_whether_it_is_verified_come_from_one_document() {
        let source = Source {
            provider: "openid_connect",
            email_field: Some("mail"),
            email_verified_field: Some("mail_ok"),
            ..Source::default()
        };
        let mixed = json!({
            "userinfo": {"sub": "1", "mail": "a@b.co"}, "id_token": {"sub": "1", "mail_ok": true},
        });
        assert_eq!(named(&source, mixed), ("1".to_owned(), "a@b.co".to_owned(), false));
        let signed = json!({
            "userinfo": {"sub": "1"}, "id_token": {"sub": "1", "mail": "a@b.co", "mail_ok": true},
        });
        assert_eq!(named(&source, signed), ("1".to_owned(), "a@b.co".to_owned(), true));
        let usual = Source { email_field: None, ..source };
        let mixed = json!({
            "userinfo": {"sub": "1", "email": "a@b.co"},
            "id_token": {"sub": "1", "email": "c@b.co", "mail_ok": true},
        });
        assert_eq!(named(&usual, mixed), ("1".to_owned(), "a@b.co".to_owned(), false));
    }
}
