//! Showing one's password again before something that a stolen login must not be enough for.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_domain::password::Password;
use rest_auth_store::User;

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::hashing::{Account, Priority, Requester};
use crate::limits::{self, Action, LimitKey};

/// The password in a form. It has no `Debug`, because it holds secrets.
pub(crate) struct PasswordShown {
    /// The field of the form.
    pub(crate) field: &'static str,
    /// What it held; absent if it was missing or wrong by itself.
    pub(crate) password: Option<String>,
}

/// Checks the password that a form was sent with and adds what is wrong with it to `errors`.
/// `false`: the user has no password to show, as accounts of a provider's identities have none, and
/// nothing was checked.
///
/// # Errors
/// [`AuthError::NotFound`] if the user was deleted meanwhile, [`AuthError::Throttled`] after too many attempts, [`AuthError::Overloaded`] if the server has too
/// much to hash.
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
    let (client, field) = (&context.client, shown.field);
    let Some(given) = shown.password else {
        // A field that was given and is wrong by itself has its error already.
        if !errors.has(field) {
            errors.push(field, Message::Required);
        }
        return Ok(true);
    };
    let key = LimitKey::at(client).user(user.id);
    limits::consume(auth, Action::Reauthenticate, &key).await?;
    let requester = Requester { address: client.address, account: Some(Account::Id(user.id)) };
    let shown = Password::new(given);
    let verdict = auth.hashing().verify(Priority::Change, requester, shown, Some(stored)).await?;
    if !verdict.matches {
        events::record(auth, client, Event::ReauthenticationFailed { user: user.id });
        errors.push(field, Message::IncorrectPassword);
    }
    Ok(true)
}
