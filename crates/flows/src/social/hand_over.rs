//! The code by which a front end gets the credentials of a login that ended in the browser.

use std::time::Duration;

use rest_auth_domain::encoding;
use rest_auth_domain::message::Message;
use rest_auth_domain::signing;
use rest_auth_store::UserWithPassword;

use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::limits::{self, Action, LimitKey};
use crate::login::{self, HandedOver, Outcome, Proven};

/// How long a code is valid. The front end exchanges it at once.
const LIFETIME: Duration = Duration::from_mins(1);

/// Issues a code for a user.
pub(super) async fn issue(
    auth: &Auth,
    user: &UserWithPassword,
    handed: &HandedOver,
) -> Result<String, AuthError> {
    challenges::issue(auth, Purpose::SocialExchange, Some(user), handed, LIFETIME).await
}

/// Exchanges a code. The answer is that of a login.
///
/// # Errors
/// [`AuthError::Invalid`] if the code is unknown, used or over, or belongs to another front end;
/// [`AuthError::Throttled`].
pub async fn exchange(
    auth: &Auth,
    context: &Context,
    code: &str,
    code_verifier: &str,
) -> Result<Outcome, AuthError> {
    limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
    let wrong = || AuthError::field("code", Message::InvalidCode);
    let found = challenges::find::<HandedOver>(auth, Purpose::SocialExchange, code).await?;
    let found = found.filter(|found| !found.is_over).ok_or_else(wrong)?;
    // Used up before it is checked: of several with one code at most one logs in.
    if !challenges::consume(auth, &found).await?
        || !is_verified(&found.data.code_challenge, code_verifier)
    {
        return Err(wrong());
    }
    let user = found.owner.ok_or_else(wrong)?;
    login::complete(auth, context, Proven::by_handed_over(user, &found.data)).await
}

/// Whether a front end has the secret with whose digest the login was begun (RFC 7636).
pub(super) fn is_verified(challenge: &str, verifier: &str) -> bool {
    if challenge.is_empty() {
        // A front end with a secret of its own did not begin this login: somebody else did.
        return verifier.is_empty();
    }
    let digest = encoding::base64url(rest_auth_domain::opaque_token::sha256(verifier));
    signing::same(&digest, challenge)
}
