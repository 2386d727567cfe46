//! What a new password must be like.

use rest_auth_domain::message::{Message, UserAttribute as Named};
use rest_auth_domain::password::{self, PasswordProblem, UserAttribute, UserAttributes};
use rest_auth_store::User;

use crate::auth::Auth;

/// Everything that the configured validators have against a password, in their order. Without a
/// user the resemblance to one is not looked at.
pub(crate) fn problems(
    auth: &Auth,
    password: &str,
    user: Option<&UserAttributes<'_>>,
) -> Vec<Message> {
    let max_length = auth.hashing().max_bytes();
    if password.len() > max_length {
        return vec![Message::MaxLength { max_length }];
    }
    password::validate(auth.validators(), password, user).into_iter().map(sentence).collect()
}

/// What a password is compared with for an existing user.
pub(crate) fn attributes(user: &User) -> UserAttributes<'_> {
    UserAttributes {
        username: &user.username,
        first_name: &user.first_name,
        last_name: &user.last_name,
        email: &user.email,
    }
}

fn sentence(problem: PasswordProblem) -> Message {
    match problem {
        PasswordProblem::TooSimilar { attribute } => Message::PasswordTooSimilar {
            attribute: match attribute {
                UserAttribute::Username => Named::Username,
                UserAttribute::FirstName => Named::FirstName,
                UserAttribute::LastName => Named::LastName,
                UserAttribute::Email => Named::EmailAddress,
            },
        },
        PasswordProblem::TooShort { min_length } => Message::PasswordTooShort { min_length },
        PasswordProblem::TooCommon => Message::PasswordTooCommon,
        PasswordProblem::EntirelyNumeric => Message::PasswordEntirelyNumeric,
    }
}
