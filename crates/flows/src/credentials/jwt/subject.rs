//! The user that a token names, by the column of `simple_jwt.user_id_field`.

use std::borrow::Cow;

use rest_auth_domain::jwt::user::named_by;
use rest_auth_domain::jwt::{Claims, Tokens, UserError, UserId};
use rest_auth_store::User;

use crate::auth::Auth;
use crate::error::AuthError;
use crate::settings::simple_jwt::UserIdField;

/// The text of the claim about a user.
pub(super) fn of(auth: &Auth, user: &User) -> String {
    match auth.settings().simple_jwt.user_id_field {
        UserIdField::Id => user.id.to_string(),
        UserIdField::Username => user.username.clone(),
        UserIdField::Email => user.email.clone(),
    }
}

/// The key of the user whom a token names. There may be no such user.
///
/// # Errors
/// Errors of the database. [`UserError::NotNamed`] if the claim is missing or odd,
/// [`UserError::NotFound`] if nobody has its name or address, or several users have the address.
pub(super) async fn id_in(
    auth: &Auth,
    tokens: &Tokens,
    claims: &Claims,
) -> Result<Result<i64, UserError>, AuthError> {
    let named = match named_by(claims, tokens.settings()) {
        Ok(named) => named,
        Err(error) => return Ok(Err(error)),
    };
    let found: Option<User> = match auth.settings().simple_jwt.user_id_field {
        UserIdField::Id => return Ok(UserId::number(named)),
        UserIdField::Username => auth.store().user_by_username(&text(named)).await?,
        UserIdField::Email => auth.store().only_user_with_email(&text(named)).await?,
    };
    Ok(found.map(|user| user.id).ok_or(UserError::NotFound))
}

/// The key of an existing user, for a row that refers to it.
///
/// # Errors
/// Errors of the database.
pub(super) async fn existing(
    auth: &Auth,
    tokens: &Tokens,
    claims: &Claims,
) -> Result<Option<i64>, AuthError> {
    match id_in(auth, tokens, claims).await? {
        Ok(id) => Ok(auth.store().user_by_id(id).await?.map(|user| user.id)),
        Err(_) => Ok(None),
    }
}

fn text(named: UserId<'_>) -> Cow<'_, str> {
    named.text()
}
