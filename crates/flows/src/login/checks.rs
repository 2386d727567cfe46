//! The conditions of a login, and of the use of a credential.

use rest_auth_store::User;

use super::factor::Method;
use super::proven::Proven;
use super::second_factor;
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::settings::account::EmailVerification;
use crate::settings::mfa::{Enforcement, RequiredOf};
use crate::trusted_browsers;

/// A step that a user has to complete before the login is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Verifies the address of the account.
    VerifyEmail,
    /// Shows the second factor.
    SecondFactor,
    /// Shows a mailed code, because the password may have been guessed.
    MailedCode,
    /// Sets a second factor up, because the account must have one.
    SetUpSecondFactor,
}

/// A step that is not done, and what completes it.
#[derive(Debug)]
pub(crate) struct OpenStep {
    pub(crate) step: Step,
    /// Of a second factor that the user has, or can set up.
    pub(crate) methods: Vec<Method>,
}

impl OpenStep {
    fn of(step: Step) -> Self {
        Self { step, methods: Vec::new() }
    }

    /// Whether it is to show a second factor that the user has.
    fn shows_factor(&self) -> bool {
        self.step == Step::SecondFactor
    }
}

/// The first step that a user has not done who has proven this. A browser that they trust is not
/// asked for the second factor.
pub(crate) async fn open_step(
    auth: &Auth,
    context: &Context,
    proven: &Proven,
) -> Result<Option<OpenStep>, AuthError> {
    if let Some(step) = open_verification(auth, proven.user()).await? {
        return Ok(Some(step));
    }
    let open = open_second_factor(auth, proven).await?;
    let wanted = in_doubt(proven, open.as_ref());
    let is_asked = wanted.is_some() || open.as_ref().is_some_and(OpenStep::shows_factor);
    if is_asked && trusted_browsers::is_trusted(auth, context, proven).await? {
        return Ok(open.filter(|open| !open.shows_factor()));
    }
    Ok(wanted.or(open))
}

/// The code that is mailed if the password may have been guessed, and the user is not asked for a
/// second factor anyway. It comes before the set-up of one, which is nothing for whoever guessed.
fn in_doubt(proven: &Proven, open: Option<&OpenStep>) -> Option<OpenStep> {
    let is_needed = proven.is_doubtful() && !open.is_some_and(OpenStep::shows_factor);
    is_needed.then(|| OpenStep { step: Step::MailedCode, methods: vec![Method::MailedCode] })
}

/// The verification of the user's address, if that is open.
pub(crate) async fn open_verification(
    auth: &Auth,
    user: &User,
) -> Result<Option<OpenStep>, AuthError> {
    let is_done = !asks_for_verified_email(auth) || is_verified(auth, user).await?;
    Ok((!is_done).then(|| OpenStep::of(Step::VerifyEmail)))
}

/// The second factor, whatever the first one was, as far as `mfa.enforce` says; or its set-up, where
/// `mfa.required` asks for one.
async fn open_second_factor(auth: &Auth, proven: &Proven) -> Result<Option<OpenStep>, AuthError> {
    let (settings, user) = (auth.settings(), proven.user());
    if !settings.apps.mfa || proven.factors().iter().any(|factor| factor.method.is_second()) {
        return Ok(None);
    }
    let first = proven.factors().first().map(|factor| factor.method);
    let is_asked = match settings.mfa.enforce {
        // Whoever found a security key has proven no more than who knows a password.
        Enforcement::Password => matches!(first, Some(Method::Password | Method::SecurityKey)),
        Enforcement::Everywhere => true,
    };
    let is_required = must_have_second_factor(auth, user);
    if !is_asked && !is_required {
        return Ok(None);
    }
    // What found the user says whether there are any, but not which; a new account has none.
    if proven.with_password().has_factor != Some(false) {
        let factors = second_factor::of(auth, user.id).await?;
        let has_passkey = factors.has_passkey();
        // Whoever knows the password must not get around a passkey by setting an app up.
        if factors.is_on() || (is_required && has_passkey) {
            let mut methods = factors.methods(auth);
            // The same key a second time proves nothing more.
            if first != Some(Method::SecurityKey) && has_passkey {
                methods.push(Method::Passkey);
            }
            return Ok(is_asked.then_some(OpenStep { step: Step::SecondFactor, methods }));
        }
    }
    let passkey = second_factor::passkeys_count(auth).then_some(Method::Passkey);
    let methods = [Method::Totp].into_iter().chain(passkey).collect();
    Ok(is_required.then_some(OpenStep { step: Step::SetUpSecondFactor, methods }))
}

/// Whether the account must have a second factor.
pub(crate) fn must_have_second_factor(auth: &Auth, user: &User) -> bool {
    match auth.settings().mfa.required {
        RequiredOf::Never => false,
        RequiredOf::Staff => user.is_staff || user.is_superuser,
        RequiredOf::Always => true,
    }
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
    /// What was proven in this very request. A refresh proves nothing anew: what it goes on with was
    /// issued to somebody who had passed every step, and ends when the factors change.
    pub(crate) proven: Option<&'a Proven>,
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
    let Returning { user, asks_for_active, is_over, proven } = returning;
    if asks_for_active && !user.is_active {
        return Ok(Admission::Closed);
    }
    if is_over {
        return Ok(Admission::Over);
    }
    let mut open = None;
    if auth.settings().account.recheck_login_steps {
        open = open_verification(auth, user).await?;
    }
    if let (None, Some(proven)) = (&open, proven) {
        open = open_second_factor(auth, proven).await?;
        open = in_doubt(proven, open.as_ref()).or(open);
    }
    Ok(open.map_or(Admission::Granted, |open| Admission::Open(open.step)))
}

/// With mandatory verification nobody can log in to an account until its address is verified.
pub(crate) fn asks_for_verified_email(auth: &Auth) -> bool {
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
