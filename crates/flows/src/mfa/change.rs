//! What every change of factors causes: a notice, and the end of the user's other logins.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_store::{Epoch, FactorChange, NewMail, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::{self, Kept, jwt, session};
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::outbox;
use crate::reauthentication::{self, PasswordShown};

/// The field with the password, which proves that the owner makes the request.
pub(crate) const CURRENT_PASSWORD: &str = "current_password";

/// A change that is about to happen. What the request was authenticated by goes on afterwards.
pub(crate) struct Change {
    session: Option<OpenSession>,
    family: Option<String>,
}

/// What happens to the credentials of the user.
pub(crate) fn epoch(auth: &Auth) -> Epoch {
    if auth.settings().mfa.revoke_on_change { Epoch::Bump } else { Epoch::Keep }
}

/// What the store is told of a change.
pub(crate) fn written<'m>(auth: &Auth, user: &User, mails: &'m [NewMail]) -> FactorChange<'m> {
    FactorChange { user_id: user.id, epoch: epoch(auth), mails, now: auth.now() }
}

impl Change {
    /// Looks at the credentials of the request, before the change ends them.
    ///
    /// # Errors
    /// Errors of the database.
    pub(crate) async fn begin(auth: &Auth, context: &Context) -> Result<Self, AuthError> {
        let session = session::current(auth, context).await?;
        let family = jwt::family_of(auth, context.access.as_deref());
        Ok(Self { session, family })
    }

    /// Ends the other credentials of the user, who is as before the change. The session continues
    /// under a new key.
    ///
    /// # Errors
    /// Errors of the database.
    pub(crate) async fn finish(
        self,
        auth: &Auth,
        context: &Context,
        user: &User,
    ) -> Result<Option<OpenSession>, AuthError> {
        outbox::wake(auth);
        if epoch(auth) == Epoch::Keep {
            return Ok(None);
        }
        let now = User { epoch: user.epoch + 1, ..user.clone() };
        let token = context.token.as_deref();
        let kept = Kept { session: self.session.as_ref(), token, family: self.family };
        credentials::keep_alone(auth, &now, kept).await
    }
}

/// Ends all credentials of a user, who is as before the change, and returns them as after it.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn end_all(auth: &Auth, user: &User) -> Result<User, AuthError> {
    if epoch(auth) == Epoch::Keep {
        return Ok(user.clone());
    }
    let now = User { epoch: user.epoch + 1, ..user.clone() };
    credentials::keep_alone(auth, &now, Kept::default()).await?;
    Ok(now)
}

/// Asks for a fresh proof, if `account.reauthentication_required` is on.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and what is wrong with the password;
/// [`AuthError::ReauthenticationRequired`] without one, or another fresh proof.
pub(crate) async fn confirm(
    auth: &Auth,
    context: &Context,
    user: &User,
    password: Option<String>,
    mut errors: FieldErrors,
) -> Result<(), AuthError> {
    let shown = PasswordShown { field: CURRENT_PASSWORD, password };
    reauthentication::confirm(auth, context, user, shown, &mut errors).await?;
    Ok(errors.into_result()?)
}
