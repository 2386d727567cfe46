//! What every change of factors causes: a notice, and the end of the user's other logins.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_store::{Epoch, FactorChange, NewMail, Outgoing, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::continuing::Continuing;
use crate::credentials::{KeptCredentials, jwt, session};
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::outbox;
use crate::reauthentication::{self, PasswordShown};

/// A change that is about to happen, and what goes on afterwards of what the request was
/// authenticated by.
pub(crate) struct PlannedFactorChange {
    user_id: i64,
    going_on: Continuing,
    outgoing: Outgoing,
}

/// What happens to the credentials of the user.
pub(crate) fn epoch(auth: &Auth) -> Epoch {
    if auth.settings().mfa.revoke_on_change { Epoch::Bump } else { Epoch::Keep }
}

/// The epoch of a user after a change, who is as before it.
pub(crate) fn epoch_after(auth: &Auth, user: &User) -> i64 {
    user.epoch + i64::from(epoch(auth) == Epoch::Bump)
}

impl PlannedFactorChange {
    /// Looks at the credentials of the request, before the change ends the others. The session goes
    /// on under a new key.
    ///
    /// # Errors
    /// Errors of the database.
    pub(crate) async fn begin(
        auth: &Auth,
        context: &Context,
        user: &User,
        mails: Vec<NewMail>,
    ) -> Result<Self, AuthError> {
        if epoch(auth) == Epoch::Keep {
            return Ok(Self::ending_all(auth, user, mails));
        }
        let session = session::current(auth, context).await?;
        let family = jwt::family_of(auth, context.access.as_deref());
        let kept =
            KeptCredentials { session: session.as_ref(), token: context.token.as_deref(), family };
        let going_on = Continuing::prepare(auth, user, Epoch::Bump, None, kept);
        Ok(Self { user_id: user.id, going_on, outgoing: mails.into() })
    }

    /// The same where nothing goes on, because the request is authenticated by none of it.
    pub(crate) fn ending_all(auth: &Auth, user: &User, mails: Vec<NewMail>) -> Self {
        let going_on = Continuing::nothing(auth, epoch(auth));
        Self { user_id: user.id, going_on, outgoing: mails.into() }
    }

    /// What the store writes.
    pub(crate) fn written(&self) -> FactorChange<'_> {
        let Self { user_id, going_on, outgoing } = self;
        FactorChange { user_id: *user_id, renewal: going_on.renewal(), outgoing }
    }

    /// The session of the request, once the change is written.
    pub(crate) fn finish(self, auth: &Auth) -> Option<OpenSession> {
        outbox::wake(auth);
        self.going_on.into_session(auth)
    }
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
    let shown = PasswordShown::current(password);
    reauthentication::confirm(auth, context, user, shown, &mut errors).await?;
    Ok(errors.into_result()?)
}
