//! The rules for new passwords (Django's `AUTH_PASSWORD_VALIDATORS`).

use super::CommonPasswords;
use super::numeric::is_entirely_numeric;
use super::similarity::{self, MaxSimilarity};

/// One rule. A list of them is configured; each finds at most one problem.
#[derive(Clone, Debug)]
pub enum PasswordValidator {
    /// Refuses what resembles the user's own data; passes everything if there is no user.
    UserAttributeSimilarity {
        /// What is compared, in this order.
        user_attributes: Vec<UserAttribute>,
        /// From which ratio on it is refused.
        max_similarity: MaxSimilarity,
    },
    /// Refuses what is too short.
    MinimumLength {
        /// The fewest characters (code points, not bytes).
        min_length: usize,
    },
    /// Refuses common passwords.
    CommonPassword {
        /// The common passwords.
        list: CommonPasswords,
    },
    /// Refuses what consists of digits only.
    NumericPassword,
}

impl PasswordValidator {
    /// The four rules with their default options, as Django's project template sets them.
    #[must_use]
    pub fn django() -> Vec<Self> {
        vec![
            Self::UserAttributeSimilarity {
                user_attributes: UserAttribute::ALL.to_vec(),
                max_similarity: MaxSimilarity::default(),
            },
            Self::MinimumLength { min_length: 8 },
            Self::CommonPassword { list: CommonPasswords::django() },
            Self::NumericPassword,
        ]
    }

    /// What this rule has against the password.
    #[must_use]
    pub fn check(
        &self,
        password: &str,
        user: Option<&UserAttributes<'_>>,
    ) -> Option<PasswordProblem> {
        match self {
            Self::UserAttributeSimilarity { user_attributes, max_similarity } => {
                let user = user?;
                let alike = |attribute: &&UserAttribute| {
                    let value = user.value(**attribute);
                    !value.is_empty()
                        && similarity::is_too_similar(password, value, *max_similarity)
                };
                let attribute = *user_attributes.iter().find(alike)?;
                Some(PasswordProblem::TooSimilar { attribute })
            }
            Self::MinimumLength { min_length } => (password.chars().count() < *min_length)
                .then_some(PasswordProblem::TooShort { min_length: *min_length }),
            Self::CommonPassword { list } => {
                list.contains(password).then_some(PasswordProblem::TooCommon)
            }
            Self::NumericPassword => {
                is_entirely_numeric(password).then_some(PasswordProblem::EntirelyNumeric)
            }
        }
    }
}

/// Everything that the rules have against a password, in their order (Django's
/// `validate_password`). Without a user, as at the first check of a registration, similarity is
/// not looked at.
#[must_use]
pub fn validate(
    validators: &[PasswordValidator],
    password: &str,
    user: Option<&UserAttributes<'_>>,
) -> Vec<PasswordProblem> {
    validators.iter().filter_map(|validator| validator.check(password, user)).collect()
}

/// What is wrong with a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// It resembles the user's own data.
    TooSimilar {
        /// Which of them; the first, if there are several.
        attribute: UserAttribute,
    },
    /// It is too short.
    TooShort {
        /// The fewest characters that are allowed.
        min_length: usize,
    },
    /// It is on the list of common passwords.
    TooCommon,
    /// It consists of digits only.
    EntirelyNumeric,
}

impl PasswordProblem {
    /// Django's error code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooSimilar { .. } => "password_too_similar",
            Self::TooShort { .. } => "password_too_short",
            Self::TooCommon => "password_too_common",
            Self::EntirelyNumeric => "password_entirely_numeric",
        }
    }
}

/// A field of the user that passwords are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserAttribute {
    /// The name to log in with.
    Username,
    /// The given name.
    FirstName,
    /// The family name.
    LastName,
    /// The e-mail address.
    Email,
}

impl UserAttribute {
    /// All of them, in Django's order (`DEFAULT_USER_ATTRIBUTES`).
    pub const ALL: [Self; 4] = [Self::Username, Self::FirstName, Self::LastName, Self::Email];

    /// The name of Django's model field, as `user_attributes` lists it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
        }
    }

    /// The attribute of that [`name`](Self::name). Django ignores names that it does not know.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.name() == name)
    }
}

/// The user's own data; empty texts are not compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserAttributes<'a> {
    /// The name to log in with.
    pub username: &'a str,
    /// The given name.
    pub first_name: &'a str,
    /// The family name.
    pub last_name: &'a str,
    /// The e-mail address.
    pub email: &'a str,
}

impl<'a> UserAttributes<'a> {
    fn value(&self, attribute: UserAttribute) -> &'a str {
        match attribute {
            UserAttribute::Username => self.username,
            UserAttribute::FirstName => self.first_name,
            UserAttribute::LastName => self.last_name,
            UserAttribute::Email => self.email,
        }
    }
}
