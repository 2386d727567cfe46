//! The whole profile.

use serde_json::Value;
use thiserror::Error;

use super::addresses::{self, ProfileEmail, TrustedEmail};
use super::{fields, uid};
use crate::username;

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

/// A person as a provider describes them.
#[derive(Clone, Debug, PartialEq)]
pub struct SocialProfile {
    /// The provider as stored; together with the uid it identifies the account.
    pub provider: String,
    /// The person's identity at the provider, 1 to 191 code points.
    pub uid: String,
    /// The provider's answer, as it is stored.
    pub extra_data: Value,
    /// The addresses, lower case, the primary and the verified first.
    pub emails: Vec<ProfileEmail>,
    /// The name that the person goes by there, unchecked; may be empty.
    pub username: String,
    /// The address of a new user; may be empty.
    pub email: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
}

/// Why a provider's answer identifies nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// It has no uid, or one that is no text or number, empty, or not storable (U+0000).
    #[error("the provider's answer has no usable uid")]
    NoUid,
    /// The uid is longer than [`uid::MAX_LENGTH`]; cutting it would make it somebody else's.
    #[error("the provider's uid has more than {} characters", uid::MAX_LENGTH)]
    UidTooLong,
}

/// Reads the answer of a provider.
///
/// # Errors
/// When it does not say who the person is.
pub fn extract(source: &Source<'_>, data: Value) -> Result<SocialProfile, ProfileError> {
    let uid = uid::read(source.provider, source.uid_field, &data)?;
    let fields = fields::read(source.provider, &data);
    let listed = addresses::listed(source.provider, &data);
    let emails = addresses::clean(listed, &fields, source.trusted_email);
    let email = emails.first().map(|first| first.email.clone()).unwrap_or_default();
    let name = fields.name.unwrap_or_default();
    let (first_word, rest) = name.split_once(' ').unwrap_or((&name, ""));
    Ok(SocialProfile {
        provider: source.stored_provider().to_owned(),
        uid,
        emails,
        username: storable(fields.username.as_deref().unwrap_or_default(), username::MAX_LENGTH),
        email,
        first_name: storable(fields.first_name.as_deref().unwrap_or(first_word), LONGEST_NAME),
        last_name: storable(fields.last_name.as_deref().unwrap_or(rest), LONGEST_NAME),
        extra_data: stored_data(source.provider, data),
    })
}

/// What a column of `length` code points can hold of a text.
fn storable(text: &str, length: usize) -> String {
    text.chars().filter(|character| *character != '\0').take(length).collect()
}

/// GitHub's list of addresses is asked for separately and not stored.
fn stored_data(provider: &str, mut data: Value) -> Value {
    if let ("github", Value::Object(entries)) = (provider, &mut data) {
        entries.shift_remove("emails");
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
}
