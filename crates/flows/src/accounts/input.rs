//! The input of an administrator about an account: one JSON object for each.

use std::borrow::Cow;

use rest_auth_domain::email::Email;
use serde::Deserialize;
use serde_json::{Map, Value};
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::AccountError;

/// An account to make. Absent fields have Django's defaults.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The name.
    #[validate(length(min = 1, max = 150, message = "must have between 1 and 150 characters"))]
    pub username: String,
    /// The address of the account.
    #[serde(default)]
    #[validate(custom(function = "address_or_none"))]
    pub email: String,
    /// The password; without one and without `password_hash` nobody can log in with a password.
    #[serde(default)]
    pub password: Option<String>,
    /// A hash as Django stores it, in place of a password.
    #[serde(default)]
    #[validate(length(max = 128, message = "must fit into 128 characters"))]
    pub password_hash: Option<String>,
    /// First name.
    #[serde(default)]
    #[validate(length(max = 150, message = "must fit into 150 characters"))]
    pub first_name: String,
    /// Last name.
    #[serde(default)]
    #[validate(length(max = 150, message = "must fit into 150 characters"))]
    pub last_name: String,
    /// Whether the account is enabled.
    #[serde(default = "yes")]
    pub is_active: bool,
    /// Whether it may enter Django's admin.
    #[serde(default)]
    pub is_staff: bool,
    /// Whether it has all permissions in Django.
    #[serde(default)]
    pub is_superuser: bool,
    /// Whether `email` is verified; absent: it gets no address record at all.
    #[serde(default)]
    pub email_verified: Option<bool>,
    /// Further addresses.
    #[serde(default)]
    #[validate(nested)]
    pub extra_emails: Vec<ExtraEmail>,
    /// The DRF token of the account.
    #[serde(default)]
    pub token: Option<String>,
    /// Identities at providers.
    #[serde(default)]
    pub social_accounts: Vec<SocialIdentity>,
    /// Switches the second factor on, with this secret in base 32.
    #[serde(default)]
    pub totp_secret: Option<String>,
    /// Values of the fields that `user.extra_fields` declares.
    #[serde(default)]
    pub extra: Map<String, Value>,
}

impl NewAccount {
    /// An enabled account with this name, and Django's defaults otherwise.
    #[must_use]
    pub fn named(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            email: String::new(),
            password: None,
            password_hash: None,
            first_name: String::new(),
            last_name: String::new(),
            is_active: true,
            is_staff: false,
            is_superuser: false,
            email_verified: None,
            extra_emails: Vec::new(),
            token: None,
            social_accounts: Vec::new(),
            totp_secret: None,
            extra: Map::new(),
        }
    }
}

/// A further address of an account.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ExtraEmail {
    /// The address.
    #[validate(custom(function = "address"))]
    pub email: String,
    /// Whether it is verified.
    #[serde(default)]
    pub verified: bool,
}

/// The identity of a user at a provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SocialIdentity {
    /// The provider's id.
    pub provider: String,
    /// The user's id there.
    pub uid: String,
}

/// Changes to an account. Absent fields stay as they are.
#[derive(Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct AccountChange {
    /// A new name.
    #[validate(length(min = 1, max = 150, message = "must have between 1 and 150 characters"))]
    pub username: Option<String>,
    /// A new address, which replaces the old one. The record of the old one is deleted; other
    /// addresses stay.
    #[validate(custom(function = "address_or_none"))]
    pub email: Option<String>,
    /// A new password.
    pub password: Option<String>,
    /// A new stored hash.
    #[validate(length(max = 128, message = "must fit into 128 characters"))]
    pub password_hash: Option<String>,
    /// A new first name.
    #[validate(length(max = 150, message = "must fit into 150 characters"))]
    pub first_name: Option<String>,
    /// A new last name.
    #[validate(length(max = 150, message = "must fit into 150 characters"))]
    pub last_name: Option<String>,
    /// Enables or disables the account.
    pub is_active: Option<bool>,
    /// Lets it into Django's admin or not.
    pub is_staff: Option<bool>,
    /// Gives it all permissions in Django or not.
    pub is_superuser: Option<bool>,
    /// Verifies the record of the account's address or not.
    pub email_verified: Option<bool>,
    /// Replaces the DRF token.
    pub token: Option<String>,
    /// Values of the fields that `user.extra_fields` declares; null takes one away.
    pub extra: Map<String, Value>,
}

impl NewAccount {
    /// Checks what needs no database.
    pub(super) fn check(&self) -> Result<(), AccountError> {
        self.validate().map_err(|errors| refused(&errors))
    }
}

impl AccountChange {
    /// Checks what needs no database.
    pub(super) fn check(&self) -> Result<(), AccountError> {
        self.validate().map_err(|errors| refused(&errors))
    }
}

/// An address as the API accepts it, or nothing.
fn address_or_none(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() { Ok(()) } else { address(text) }
}

fn address(text: &str) -> Result<(), ValidationError> {
    Email::parse(text).map(drop).map_err(|problem| {
        ValidationError::new("email").with_message(Cow::Owned(problem.to_string()))
    })
}

/// The first problem, in the order of the names of the fields.
fn refused(errors: &ValidationErrors) -> AccountError {
    let mut fields: Vec<_> = errors.errors().iter().collect();
    fields.sort_by_key(|(field, _)| *field);
    let first = fields.first().and_then(|(field, kind)| Some((*field, problem(kind)?)));
    let (field, problem) = first.unwrap_or((&Cow::Borrowed("account"), "is refused".into()));
    let field = match field {
        Cow::Borrowed(name) => name,
        Cow::Owned(_) => "account",
    };
    AccountError::Refused { field, problem: problem.into_owned() }
}

fn problem(kind: &ValidationErrorsKind) -> Option<Cow<'static, str>> {
    match kind {
        ValidationErrorsKind::Field(errors) => errors.first()?.message.clone(),
        ValidationErrorsKind::List(items) => {
            let inner = items.values().next()?.errors();
            inner.values().next().and_then(problem)
        }
        ValidationErrorsKind::Struct(inner) => inner.errors().values().next().and_then(problem),
    }
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(new: &NewAccount) -> String {
        new.check().expect_err("it is refused").to_string()
    }

    #[test]
    fn what_no_column_holds_is_refused_before_the_database_is_asked() {
        assert!(NewAccount::named("ada").check().is_ok());
        let name = "username: must have between 1 and 150 characters";
        assert_eq!(refusal(&NewAccount::named("")), name);
        assert_eq!(refusal(&NewAccount::named("a".repeat(151))), name);
        let long = NewAccount { last_name: "a".repeat(151), ..NewAccount::named("ada") };
        assert_eq!(refusal(&long), "last_name: must fit into 150 characters");
        let hash = NewAccount { password_hash: Some("a".repeat(129)), ..NewAccount::named("ada") };
        assert_eq!(refusal(&hash), "password_hash: must fit into 128 characters");
    }

    #[test]
    fn addresses_are_those_that_the_api_accepts() {
        let with = |email: &str| NewAccount { email: email.to_owned(), ..NewAccount::named("ada") };
        assert!(with("").check().is_ok());
        assert!(with("Ada@Example.com").check().is_ok());
        assert_eq!(refusal(&with("ada")), "email: not an e-mail address");
        let extra = ExtraEmail { email: "ada".to_owned(), verified: false };
        let further = NewAccount { extra_emails: vec![extra], ..NewAccount::named("ada") };
        assert_eq!(refusal(&further), "extra_emails: not an e-mail address");
        let change = AccountChange { email: Some("ada".to_owned()), ..AccountChange::default() };
        assert_eq!(
            change.check().expect_err("refused").to_string(),
            "email: not an e-mail address"
        );
    }
}
