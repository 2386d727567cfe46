//! Users change their own passwords.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_domain::password::Password;
use rest_auth_store::{NewPassword, User, UserWithPassword};

use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::continuing::Continuing;
use crate::credentials::{self, KeptCredentials, session};
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::hashing::{Account, Priority, Requester};
use crate::limits::{self, Action, LimitKey};
use crate::{notices, outbox, password_rules, reauthentication};

/// The input of the form. A field that is not valid is absent. It has no `Debug`, because it holds
/// secrets.
#[derive(Default)]
pub struct PasswordChange {
    /// The old password, if `rest_auth.old_password_field_enabled` is on.
    pub old_password: Option<String>,
    /// The new password.
    pub new_password1: Option<String>,
    /// The new password again.
    pub new_password2: Option<String>,
}

/// A new password, typed twice. It has no `Debug`, because it holds secrets.
pub struct NewPasswords {
    /// The new password.
    pub first: String,
    /// The new password again.
    pub again: String,
}

/// The fields in the order in which errors are reported.
const FIELDS: &[&str] = &["old_password", "new_password1", "new_password2"];

/// Changes the password of a user. The session of the request, if it is theirs, continues under a
/// new key. Their other sessions end, and with `rest_auth.revoke_on_password_change` all their
/// other credentials.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and whatever else is wrong with the fields;
/// [`AuthError::Throttled`] after too many attempts; [`AuthError::ReauthenticationRequired`] where the
/// form has no old password and there is no other fresh proof; [`AuthError::NotFound`] if the user was
/// deleted meanwhile.
pub async fn change(
    auth: &Auth,
    context: &Context,
    user: User,
    change: PasswordChange,
    errors: FieldErrors,
) -> Result<Option<OpenSession>, AuthError> {
    let client = &context.client;
    limits::consume(auth, Action::ChangePassword, &LimitKey::at(client).user(user.id)).await?;
    // The password that is replaced, so that a reset of this moment is not.
    let stored = auth.store().user_with_password(user.id).await?.ok_or(AuthError::NotFound)?;
    if !auth.settings().rest_auth.old_password_field_enabled {
        reauthentication::require(auth, context, &user).await?;
    }
    let requester = Requester { address: client.address, account: Some(Account::Id(user.id)) };
    let new = check(auth, &stored, change, errors, &requester).await?;
    let encoded = auth.hashing().encode(Priority::Change, requester, Password::new(new)).await?;
    // Before the change, which ends it. A client that shows a token may have a session, too.
    let own_session = session::current(auth, context).await?;
    let goes_on = !auth.settings().rest_auth.logout_on_password_change;
    let session = own_session.as_ref().filter(|_| goes_on);
    let kept = KeptCredentials { session, ..KeptCredentials::of(context) };
    let epoch = credentials::epoch_on_password_change(auth);
    let going_on = Continuing::prepare(auth, &user, epoch, Some(&encoded), kept);
    let password = NewPassword {
        user_id: user.id,
        old: Some(&stored.password),
        new: &encoded,
        renewal: going_on.renewal(),
        outgoing: &notices::password_changed(auth, context, &user).into(),
    };
    if !auth.store().change_password(password).await? {
        return Err(AuthError::field("old_password", Message::WrongOldPassword));
    }
    outbox::wake(auth);
    events::record(auth, client, Event::PasswordChanged { user: user.id });
    Ok(going_on.into_session(auth))
}

/// The new password, if it is valid. The old one is checked first.
async fn check(
    auth: &Auth,
    stored: &UserWithPassword,
    change: PasswordChange,
    mut errors: FieldErrors,
    requester: &Requester,
) -> Result<String, AuthError> {
    if let Some(old) = change.old_password {
        let (old, stored) = (Password::new(old), Some(stored.password.clone()));
        let verdict =
            auth.hashing().verify(Priority::Change, requester.clone(), old, stored).await?;
        if !verdict.matches {
            errors.push("old_password", Message::WrongOldPassword);
        }
    }
    errors.in_order_of(FIELDS).into_result()?;
    let first = change.new_password1.unwrap_or_default();
    let new = NewPasswords { first, again: change.new_password2.unwrap_or_default() };
    new_password(auth, Some(&stored.user), &new)?;
    Ok(new.first)
}

/// Checks a new password, against the data of the user if the user is known. Every problem is an
/// error of `new_password2`.
///
/// # Errors
/// [`AuthError::Invalid`].
pub(crate) fn new_password(
    auth: &Auth,
    user: Option<&User>,
    new: &NewPasswords,
) -> Result<(), AuthError> {
    if new.first != new.again {
        return Err(AuthError::field("new_password2", Message::PasswordMismatch));
    }
    let mut errors = FieldErrors::new();
    let attributes = user.map(password_rules::attributes);
    errors.extend("new_password2", password_rules::problems(auth, &new.first, attributes.as_ref()));
    Ok(errors.into_result()?)
}
