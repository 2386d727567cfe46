//! The code by which a user connects the account that a browser has come back with.
//!
//! Anybody can send another person's browser to an address at which they themselves have begun to
//! connect an account. That person would say yes at the provider, and their account there would be
//! the way in to an account here that is somebody else's. So the browser alone connects nothing: it
//! gets a code, and only the user who began can use it.

use std::time::Duration;

use rest_auth_domain::message::Message;
use rest_auth_social::Identity;
use rest_auth_store::{SocialAccount, User, UserWithPassword};
use serde::{Deserialize, Serialize};

use super::{account, hand_over, kept};
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::limits::{self, Action, LimitKey};

/// What the identity is encrypted for.
const PURPOSE: &str = "social_connection";

/// How long a code is valid. The front end uses it at once.
const LIFETIME: Duration = Duration::from_mins(1);

/// An account that waits to be connected.
#[derive(Serialize, Deserialize)]
struct Waiting {
    /// Who the user is at the provider, encrypted.
    identity: String,
    /// The digest of the secret of the front end that began it; empty: it has none.
    code_challenge: String,
}

/// Issues a code for the user who began to connect an account.
pub(super) async fn issue(
    auth: &Auth,
    user: &UserWithPassword,
    identity: &Identity,
    code_challenge: &str,
) -> Result<String, AuthError> {
    let waiting = Waiting {
        identity: kept::seal(auth, PURPOSE, identity)?,
        code_challenge: code_challenge.to_owned(),
    };
    challenges::issue(auth, Purpose::SocialConnect, Some(user), &waiting, LIFETIME).await
}

/// Connects the account of a code to the user who began to connect it.
///
/// # Errors
/// [`AuthError::Invalid`] if the code is unknown, used or over, if another user or another front end
/// began it, or if the account is another user's; [`AuthError::Throttled`].
pub async fn complete(
    auth: &Auth,
    context: &Context,
    user: &User,
    code: &str,
    code_verifier: &str,
) -> Result<SocialAccount, AuthError> {
    limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
    let wrong = || AuthError::field("connect_code", Message::InvalidCode);
    let found = challenges::find::<Waiting>(auth, Purpose::SocialConnect, code).await?;
    let found = found.filter(|found| !found.is_over).ok_or_else(wrong)?;
    // Used up before it is checked: a user to whom it was sent cannot try it, and neither can another
    // one after them.
    if !challenges::consume(auth, &found).await?
        || found.owner.is_none_or(|owner| owner.user.id != user.id)
        || !hand_over::is_verified(&found.data.code_challenge, code_verifier)
    {
        return Err(wrong());
    }
    let identity = kept::open(auth, PURPOSE, &found.data.identity).ok_or_else(wrong)?;
    account::connect(auth, context, user, &identity).await?;
    let profile = &identity.profile;
    let stored = auth.store().social_account::<User>(&profile.provider, &profile.uid).await?;
    stored.map(|(account, _)| account).ok_or(AuthError::NotFound)
}
