//! The question that a change asks before it happens.

use futures_util::future::BoxFuture;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_domain::password::{EncodedPassword, Password};
use rest_auth_store::User;

use super::{credential, methods};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::hashing::{Account, Priority, Requester};
use crate::limits::{self, Action, LimitKey};

/// The field of most forms with the password of the user who is logged in.
pub(crate) const CURRENT_PASSWORD: &str = "current_password";

/// The password in a form. It has no `Debug`, because it holds secrets.
pub(crate) struct PasswordShown {
    /// The field of the form.
    pub(crate) field: &'static str,
    /// Its value; absent if it was missing or not valid.
    pub(crate) password: Option<String>,
}

impl PasswordShown {
    /// The password in the field `current_password`.
    pub(crate) fn current(password: Option<String>) -> Self {
        Self { field: CURRENT_PASSWORD, password }
    }
}

/// Asks for a fresh proof, if `account.reauthentication_required` is on: the password of a form, whose
/// errors go to `errors`, or what was proven with the credential of the request.
///
/// # Errors
/// [`AuthError::ReauthenticationRequired`] with neither; [`AuthError::NotFound`] if the user was
/// deleted meanwhile; [`AuthError::Throttled`] after too many passwords; [`AuthError::Overloaded`] if
/// the server has too much to hash.
pub(crate) async fn confirm(
    auth: &Auth,
    context: &Context,
    user: &User,
    shown: PasswordShown,
    errors: &mut FieldErrors,
) -> Result<(), AuthError> {
    if !auth.settings().account.reauthentication_required || errors.has(shown.field) {
        return Ok(());
    }
    if shown.password.is_some() && check(auth, context, user, shown, errors).await? {
        return Ok(());
    }
    require_fresh(auth, context, user).await
}

/// Asks for a fresh proof of the credential of the request, if `account.reauthentication_required` is
/// on, where no form takes a password.
///
/// # Errors
/// [`AuthError::ReauthenticationRequired`] without one, and errors of the database.
pub(crate) async fn require(auth: &Auth, context: &Context, user: &User) -> Result<(), AuthError> {
    if auth.settings().account.reauthentication_required {
        require_fresh(auth, context, user).await?;
    }
    Ok(())
}

fn require_fresh<'a>(
    auth: &'a Auth,
    context: &'a Context,
    user: &'a User,
) -> BoxFuture<'a, Result<(), AuthError>> {
    Box::pin(async move {
        let evidence = credential::evidence(auth, context, user).await?;
        let methods = methods::of(auth, user).await?;
        match methods::good_until(auth, &evidence, &methods) {
            Some(until) if until > auth.now() => Ok(()),
            _ => Err(AuthError::ReauthenticationRequired {
                methods,
                max_age: auth.settings().account.reauthentication_timeout,
            }),
        }
    })
}

/// Checks the password of a form and adds its errors to `errors`. `false`: the user has no password
/// to show, as accounts of a provider's identities have none, and nothing was checked.
///
/// # Errors
/// [`AuthError::NotFound`] if the user was deleted meanwhile, [`AuthError::Throttled`] after too many
/// attempts, [`AuthError::Overloaded`] if the server has too much to hash.
pub(crate) async fn check(
    auth: &Auth,
    context: &Context,
    user: &User,
    shown: PasswordShown,
    errors: &mut FieldErrors,
) -> Result<bool, AuthError> {
    let stored = auth.store().user_with_password(user.id).await?;
    let stored = stored.ok_or(AuthError::NotFound)?.password;
    if !stored.is_usable() {
        return Ok(false);
    }
    let PasswordShown { field, password } = shown;
    let Some(given) = password else {
        // A field that is not valid has its error already.
        if !errors.has(field) {
            errors.push(field, Message::Required);
        }
        return Ok(true);
    };
    if !is_right(auth, context, user, stored, given).await? {
        errors.push(field, Message::IncorrectPassword);
    }
    Ok(true)
}

/// Whether a password is the user's. Wrong ones are limited and recorded.
///
/// # Errors
/// As [`check`].
pub(super) async fn is_right(
    auth: &Auth,
    context: &Context,
    user: &User,
    stored: EncodedPassword,
    given: String,
) -> Result<bool, AuthError> {
    let client = &context.client;
    let key = LimitKey::at(client).user(user.id);
    limits::consume(auth, Action::Reauthenticate, &key).await?;
    let requester = Requester { address: client.address, account: Some(Account::Id(user.id)) };
    let given = Password::new(given);
    let verdict = auth.hashing().verify(Priority::Change, requester, given, Some(stored)).await?;
    if !verdict.matches {
        events::record(auth, client, Event::ReauthenticationFailed { user: user.id });
    }
    Ok(verdict.matches)
}
