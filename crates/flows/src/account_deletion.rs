//! Users delete their own accounts.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_store::{Deletion, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::reauthentication::{self, PasswordShown};
use crate::{notices, outbox};

/// The field of the form.
const PASSWORD: &str = "password";

/// Deletes the account of a user who gives the password, with all its data and credentials.
///
/// A user without a password shows another fresh proof. Where `account.reauthentication_required` is
/// off they have to set a password first by a reset. This proves that they receive the mail of the
/// account, which a thief with a stolen login does not.
///
/// # Errors
/// [`AuthError::Invalid`] without the right password; [`AuthError::ReauthenticationRequired`] without
/// another proof; [`AuthError::Forbidden`] for the last active
/// superuser, and where other tables of the database refer to the user; [`AuthError::Throttled`]
/// after too many attempts.
pub async fn delete(
    auth: &Auth,
    context: &Context,
    user: &User,
    password: Option<String>,
    mut errors: FieldErrors,
) -> Result<(), AuthError> {
    let shown = PasswordShown { field: PASSWORD, password };
    if !reauthentication::check(auth, context, user, shown, &mut errors).await? {
        if !auth.settings().account.reauthentication_required {
            return Err(AuthError::field(PASSWORD, Message::NoPassword));
        }
        reauthentication::require(auth, context, user).await?;
    }
    errors.into_result()?;
    let mails = notices::account_deleted(auth, context, user);
    match auth.store().delete_user_unless_last_superuser(user.id, &mails.into()).await? {
        Some(Deletion::Deleted) => {}
        // Another request was faster.
        Some(Deletion::NotFound) => return Err(AuthError::NotFound),
        None => return Err(AuthError::Forbidden(Message::LastSuperuser)),
        Some(Deletion::ReferencedBy(tables)) => {
            tracing::warn!(user = user.id, ?tables, "rows refer to a user who wants to be deleted");
            return Err(AuthError::Forbidden(Message::AccountInUse));
        }
    }
    events::record(auth, &context.client, Event::AccountDeleted { user: user.id });
    outbox::wake(auth);
    Ok(())
}
