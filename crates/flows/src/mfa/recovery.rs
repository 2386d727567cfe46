//! The recovery codes of a user.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_store::User;

use super::change::{self, PlannedFactorChange};
use super::stored;
use crate::auth::Auth;
use crate::context::Context;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::login::second_factor;
use crate::{notices, reauthentication};

/// The codes that can still be used. It has no `Debug`, because it holds secrets.
pub struct Codes {
    /// The codes, as far as they are kept readable.
    pub codes: Vec<String>,
    /// How many there are.
    pub remaining: usize,
}

/// The result of asking for new codes. It has no `Debug`, because it holds secrets.
pub enum Regenerated {
    /// The user has no second factor.
    NotEnabled,
    /// These are the codes now.
    Done {
        /// The codes.
        codes: Vec<String>,
        /// The session of the request, if the user's other credentials have ended.
        session: Option<OpenSession>,
    },
}

/// Shows the codes that can still be used. Whoever reads them can prove anything with them, so that
/// it needs a fresh proof where there are any to be read.
///
/// # Errors
/// [`AuthError::ReauthenticationRequired`], and errors of the database.
pub async fn show(auth: &Auth, context: &Context, user: &User) -> Result<Codes, AuthError> {
    let factors = second_factor::of(auth, user.id).await?;
    if !factors.is_on() {
        return Ok(Codes { codes: Vec::new(), remaining: 0 });
    }
    let codes = factors.readable_codes(auth);
    if !codes.is_empty() {
        reauthentication::require(auth, context, user).await?;
    }
    Ok(Codes { codes, remaining: factors.remaining(auth) })
}

/// Replaces the codes by new ones.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and what is wrong with the password.
pub async fn regenerate(
    auth: &Auth,
    context: &Context,
    user: &User,
    current_password: Option<String>,
    errors: FieldErrors,
) -> Result<Regenerated, AuthError> {
    if !second_factor::of(auth, user.id).await?.is_on() {
        return Ok(Regenerated::NotEnabled);
    }
    change::confirm(auth, context, user, current_password, errors).await?;
    let (codes, data) = stored::new_recovery_codes(auth, user.id);
    let mails = notices::recovery_codes_generated(auth, context, user);
    let change = PlannedFactorChange::begin(auth, context, user, mails).await?;
    let packages = second_factor::packages(auth);
    auth.store().renew_recovery_codes(&data, packages, change.written()).await?;
    events::record(auth, &context.client, Event::RecoveryCodesGenerated { user: user.id });
    Ok(Regenerated::Done { codes, session: change.finish(auth) })
}
