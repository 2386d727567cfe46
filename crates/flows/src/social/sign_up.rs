//! An account that somebody whom a provider knows has yet to complete: an address is missing or is
//! somebody else's, or the configuration asks for the user's word.
//!
//! What the provider said waits in the database, encrypted, and can be shown by its token alone.

use rest_auth_domain::email::Email;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_social::{Identity, ProfileEmail};
use serde::{Deserialize, Serialize};

use super::account::{connected, of_other_request};
use super::new_account::{self, AddressCheck, Lack, Made, Wanted};
use super::{hand_over, kept};
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::login::{self, Outcome, Proven};
use crate::lookup;
use crate::registration::Mode;
use crate::username::{self, Wanting};

/// What the waiting data are encrypted for.
const PURPOSE: &str = "social_sign_up";

/// How often a completion may be tried.
const MOST_ATTEMPTS: u32 = 20;

/// An account that has yet to be completed.
#[derive(Debug)]
pub struct SignUp {
    /// What completes it, once.
    pub token: SignUpToken,
    /// The provider.
    pub provider: String,
    /// The fields that have to be sent.
    pub missing: &'static [&'static str],
    /// The address that the provider knows; empty if it knows none.
    pub email: String,
    /// Whether that address is somebody else's.
    pub is_email_taken: bool,
    /// The name at the provider; may be empty.
    pub username: String,
}

/// The token of a sign-up. It has no `Debug`, because it is a secret.
pub struct SignUpToken(pub String);

impl std::fmt::Debug for SignUpToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignUpToken(..)")
    }
}

/// What completes an account.
#[derive(Clone, Debug, Default)]
pub struct Completion {
    /// The token.
    pub token: String,
    /// The address; empty: that of the provider.
    pub email: String,
    /// The user name; empty: one is made up.
    pub username: String,
    /// The secret that the login was begun with in the browser; empty: none.
    pub code_verifier: String,
}

/// What waits for the user.
#[derive(Serialize, Deserialize)]
struct Waiting {
    /// Who it is, encrypted.
    identity: String,
    /// The digest of the secret of the front end that began the login; empty: it has none. Whoever
    /// leaves their own token to another front end would be let in to the account that it makes.
    code_challenge: String,
}

/// Keeps what a provider said until the user completes the account.
pub(super) async fn begin(
    auth: &Auth,
    identity: &Identity,
    lack: Lack,
    code_challenge: &str,
) -> Result<SignUp, AuthError> {
    let waiting = Waiting {
        identity: kept::seal(auth, PURPOSE, identity)?,
        code_challenge: code_challenge.to_owned(),
    };
    let lifetime = auth.settings().social.signup_timeout;
    let token = challenges::issue(auth, Purpose::SocialSignUp, None, &waiting, lifetime).await?;
    let profile = &identity.profile;
    Ok(SignUp {
        token: SignUpToken(token),
        provider: profile.provider.clone(),
        missing: if lack == Lack::Consent { &[] } else { &["email"] },
        email: profile.email.clone(),
        is_email_taken: lack == Lack::FreeEmail,
        username: profile.username.clone(),
    })
}

/// The result of a completion.
#[derive(Debug)]
pub enum Completed {
    /// That of a login.
    Login(Outcome),
    /// The account can be used once its address is verified.
    VerificationSent,
}

/// Completes an account, and logs its owner in. With `account.neutral_registration` the answer for an
/// address that is taken is that for a free one.
///
/// # Errors
/// [`AuthError::Invalid`] of the field that is wrong; the token works on until the account is made.
/// [`AuthError::Forbidden`] if nobody may register, [`AuthError::Throttled`].
pub async fn complete(
    auth: &Auth,
    context: &Context,
    completion: Completion,
) -> Result<Completed, AuthError> {
    new_account::permit(auth, context).await?;
    let wrong = || AuthError::field("signup_token", Message::EphemeralTokenInvalid);
    let token = &completion.token;
    let found = challenges::find::<Waiting>(auth, Purpose::SocialSignUp, token).await?;
    let found = found.ok_or_else(wrong)?;
    if !challenges::count_attempt(auth, &found, MOST_ATTEMPTS).await? {
        return Err(wrong());
    }
    if !hand_over::is_verified(&found.data.code_challenge, &completion.code_verifier) {
        return Err(wrong());
    }
    let mut identity = kept::open(auth, PURPOSE, &found.data.identity).ok_or_else(wrong)?;
    // The user may have completed the account by another token, as of another tab.
    if let Some(user) = connected(auth, &identity).await? {
        if !challenges::consume(auth, &found).await? {
            return Err(wrong());
        }
        return log_in(auth, context, Proven::by_provider(user, &identity, auth.now())).await;
    }
    let Checked { username, mode } = check(auth, &mut identity, &completion).await?;
    let wanted = Wanted { username, mode, token: Some(found.single_use(auth)) };
    let user = match new_account::write(auth, context, &identity, wanted).await? {
        Made::User(user) => *user,
        Made::Unverified => return Ok(Completed::VerificationSent),
        Made::Already => {
            if !challenges::consume(auth, &found).await? {
                return Err(wrong());
            }
            of_other_request(auth, &identity).await?
        }
        Made::TokenUsed => return Err(wrong()),
        Made::Lacks(lack) => return Err(lack.refusal()),
    };
    log_in(auth, context, Proven::by_provider(user, &identity, auth.now())).await
}

/// Logs the owner of a completed account in.
async fn log_in(auth: &Auth, context: &Context, proven: Proven) -> Result<Completed, AuthError> {
    Ok(match login::complete(auth, context, proven).await? {
        Outcome::Step(step) if step.token().is_none() => Completed::VerificationSent,
        outcome => Completed::Login(outcome),
    })
}

/// A completion that was found valid.
struct Checked {
    /// The name, if the user chose one.
    username: Option<String>,
    /// Whether the account is kept.
    mode: Mode,
}

/// Puts what the user chose into the identity, and checks it.
async fn check(
    auth: &Auth,
    identity: &mut Identity,
    completion: &Completion,
) -> Result<Checked, AuthError> {
    let mut errors = FieldErrors::new();
    let mut mode = Mode::Real;
    if !completion.email.is_empty() {
        match Email::parse(&completion.email) {
            Ok(email) => choose(identity, email.into_string()),
            Err(_) => errors.push("email", Message::InvalidEmail),
        }
    }
    let name = lookup::casing(auth).stored(&completion.username);
    if !name.is_empty()
        && let Some(problem) =
            username::problem(auth, &name, Wanting::Newcomer(&identity.profile.email)).await?
    {
        errors.push("username", problem);
    }
    if !errors.has("email") {
        match new_account::check_address(auth, identity).await? {
            AddressCheck::Fits(fitting) => mode = fitting,
            AddressCheck::Lacks(Lack::FreeEmail) => errors.push("email", Message::EmailTaken),
            AddressCheck::Lacks(Lack::Email | Lack::Consent) => {
                errors.push("email", Message::Required);
            }
        }
    }
    errors.into_result()?;
    Ok(Checked { username: Some(name).filter(|name| !name.is_empty()), mode })
}

/// Makes an address the one of the account. The provider vouches for those that it named alone.
fn choose(identity: &mut Identity, email: String) {
    let profile = &mut identity.profile;
    profile.email.clone_from(&email);
    if profile.emails.iter().all(|known| known.email != email) {
        profile.emails.insert(0, ProfileEmail { email, verified: false, primary: true });
    }
}
