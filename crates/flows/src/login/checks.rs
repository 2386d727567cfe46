//! The conditions of a login, and of the use of a credential.

use rest_auth_store::User;

use crate::auth::Auth;
use crate::error::AuthError;
use crate::settings::account::EmailVerification;

/// A step that a user has to complete before the login is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Verifies the address of the account.
    VerifyEmail,
}

/// The steps of a login, in order.
const STEPS: [Step; 1] = [Step::VerifyEmail];

/// The first step that a user has not done.
pub(crate) async fn open_step(auth: &Auth, user: &User) -> Result<Option<Step>, AuthError> {
    for step in STEPS {
        let is_done = match step {
            Step::VerifyEmail => !asks_for_verified_email(auth) || is_verified(auth, user).await?,
        };
        if !is_done {
            return Ok(Some(step));
        }
    }
    Ok(None)
}

/// A user who continues without a new login: by a refresh token, or by name and password in every
/// request.
pub(crate) struct Returning<'a> {
    /// The user as they are now.
    pub(crate) user: &'a User,
    /// Whether a disabled account is refused.
    pub(crate) asks_for_active: bool,
    /// Whether the credential ended, by its epoch or its family.
    pub(crate) is_over: bool,
}

/// Whether a returning user may continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The user may continue.
    Granted,
    /// The account is disabled.
    Closed,
    /// The credential ended.
    Over,
    /// A step of the login is open: the account has changed since.
    Open(Step),
}

/// The checks of a login, without issuing credentials. The steps of a login are checked again if
/// `account.recheck_login_steps` is on.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn admit(auth: &Auth, returning: Returning<'_>) -> Result<Admission, AuthError> {
    let Returning { user, asks_for_active, is_over } = returning;
    if asks_for_active && !user.is_active {
        return Ok(Admission::Closed);
    }
    if is_over {
        return Ok(Admission::Over);
    }
    if !auth.settings().account.recheck_login_steps {
        return Ok(Admission::Granted);
    }
    Ok(open_step(auth, user).await?.map_or(Admission::Granted, Admission::Open))
}

/// With mandatory verification nobody can log in to an account until its address is verified.
fn asks_for_verified_email(auth: &Auth) -> bool {
    let settings = auth.settings();
    settings.account.email_verification == EmailVerification::Mandatory
        && settings.apps.registration
}

async fn is_verified(auth: &Auth, user: &User) -> Result<bool, AuthError> {
    let addresses = auth.store().addresses_of(user.id).await?;
    // Whoever made a superuser without an address is an administrator, and nothing can be mailed.
    if user.is_superuser && user.email.is_empty() && addresses.is_empty() {
        return Ok(true);
    }
    // As in dj-rest-auth the two spellings must agree.
    Ok(addresses.iter().any(|address| address.verified && address.email == user.email))
}
