//! The user of a token, and whether they may still use it.

use std::borrow::Cow;
use std::fmt;

use md5::{Digest as _, Md5};
use serde_json::Value;

use super::claims::Claims;
use super::settings::TokenSettings;
use crate::{encoding, signing};

/// What tokens need to know of a row of `auth_user`. `Debug` shows the id only.
#[derive(Clone, Copy)]
pub struct TokenUser<'a> {
    /// The column that the user claim holds (`USER_ID_FIELD`), as text.
    pub id: &'a str,
    /// The column `is_active`.
    pub is_active: bool,
    /// The column `password`: the encoded hash, never the password.
    pub password: &'a str,
}

impl fmt::Debug for TokenUser<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenUser").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The user that a token names. SimpleJWT writes text since 5.5 and wrote numbers before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserId<'c> {
    /// As written today.
    Text(&'c str),
    /// As written by older versions.
    Number(i64),
}

impl<'c> UserId<'c> {
    /// The id as a primary key.
    ///
    /// # Errors
    /// [`UserError::NotNamed`] if it is no number, where SimpleJWT fails with a server error.
    pub fn number(self) -> Result<i64, UserError> {
        match self {
            Self::Text(text) => text.parse().map_err(|_| UserError::NotNamed),
            Self::Number(number) => Ok(number),
        }
    }

    /// The id as text, for a `USER_ID_FIELD` that is not a number.
    #[must_use]
    pub fn text(self) -> Cow<'c, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
        }
    }
}

/// Why a valid token is refused for its user. `Display` is the sentence of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    /// No user claim, or one that cannot be an id.
    #[error("Token contained no recognizable user identification")]
    NotNamed,
    /// No such user (any more).
    #[error("User not found")]
    NotFound,
    /// The user is deactivated.
    #[error("User is inactive")]
    Inactive,
    /// The password is not the one of when the token was issued.
    #[error("The user's password has been changed.")]
    PasswordChanged,
}

impl UserError {
    /// The `code` member beside `detail`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotNamed => "token_not_valid",
            Self::NotFound => "user_not_found",
            Self::Inactive => "user_inactive",
            Self::PasswordChanged => "password_changed",
        }
    }
}

/// The user that the claims name.
///
/// # Errors
/// [`UserError::NotNamed`] if the claim is absent or neither text nor an integer.
pub fn named_by<'c>(claims: &'c Claims, settings: &TokenSettings) -> Result<UserId<'c>, UserError> {
    match claims.get(&settings.user_id_claim) {
        Some(Value::String(_)) => {
            claims.text(&settings.user_id_claim).map(UserId::Text).ok_or(UserError::NotNamed)
        }
        Some(Value::Number(number)) => {
            number.as_i64().map(UserId::Number).ok_or(UserError::NotNamed)
        }
        _ => Err(UserError::NotNamed),
    }
}

/// Whether the user may still use a token with these claims.
///
/// # Errors
/// [`UserError::Inactive`] before [`UserError::PasswordChanged`], as far as the settings ask.
pub fn check(
    user: &TokenUser<'_>,
    claims: &Claims,
    settings: &TokenSettings,
) -> Result<(), UserError> {
    if settings.check_user_is_active && !user.is_active {
        return Err(UserError::Inactive);
    }
    if settings.check_revoke_token {
        let digest = password_digest(user.password);
        let claim = claims.text(&settings.revoke_token_claim);
        if !claim.is_some_and(|claim| signing::same(claim, &digest)) {
            return Err(UserError::PasswordChanged);
        }
    }
    Ok(())
}

/// The value of the revoke claim: MD5 of the password column in upper-case hexadecimal
/// (SimpleJWT's `get_md5_hash_password`).
#[must_use]
pub fn password_digest(password_column: &str) -> String {
    encoding::hex(&Md5::digest(password_column)).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_text_and_integers_name_a_user() {
        let settings = TokenSettings::default();
        let id = |value: Value| {
            let mut claims = Claims::new();
            claims.insert("user_id", value);
            named_by(&claims, &settings).and_then(UserId::number)
        };
        assert_eq!(id(json!("7")), Ok(7));
        assert_eq!(id(json!(7)), Ok(7));
        let odd = [json!(7.5), json!(u64::MAX), json!(true), json!(null), json!([7]), json!("")];
        for value in odd.into_iter().chain([json!("7\0"), json!({"id": 7})]) {
            assert_eq!(id(value.clone()), Err(UserError::NotNamed), "{value}");
        }
        assert_eq!(named_by(&Claims::new(), &settings), Err(UserError::NotNamed));
    }

    #[test]
    fn debug_does_not_show_the_hash() {
        let user = TokenUser { id: "7", is_active: true, password: "md5$s$h" };
        assert!(!format!("{user:?}").contains("md5"));
    }
}
