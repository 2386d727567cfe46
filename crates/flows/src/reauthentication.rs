//! Asks for the password again before changes for which a stolen login must not be enough.

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
    /// Its value; absent if it was missing or not valid.
    pub(crate) password: Option<String>,
}

/// Checks the password of a form and adds its errors to `errors`. `false`: the user has no password
/// to show, as accounts of a provider's identities have none, and nothing was checked.
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
        // A field that is not valid has its error already.
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
