//! Wrong passwords for one account, from wherever they come: `login_code` and
//! `login_failed_account` of `account.rate_limits`.
//!
//! The limits by source do not see a guesser who has many addresses. Above the first of these a right
//! password needs a mailed code, too (`mailed_code`), from then on; above the second everybody has to
//! wait. Neither holds on a client that the user has logged in from before: a guesser elsewhere must not keep the
//! user out. On a new client they reset the password, which proves the mailbox, forgives the failures
//! and makes the client known.

use rest_auth_domain::opaque_token::digest_of;

use crate::auth::Auth;
use crate::client::Client;
use crate::context::Context;
use crate::error::AuthError;
use crate::known_clients;
use crate::limits::{self, Action, LimitKey};
use crate::lookup::{Identifier, NOBODY};

/// The account that a wrong password is counted for.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// An account, under whichever of its names and addresses.
    Account(i64),
    /// Nobody. It is counted all the same, so that a refusal does not tell who exists.
    Unknown(String),
}

impl Target {
    /// An identifier that finds nobody.
    pub(super) fn unknown(identifier: &Identifier) -> Self {
        Self::Unknown(digest_of(&identifier.as_str().to_lowercase()))
    }

    fn key<'c>(&self, client: &'c Client) -> LimitKey<'c> {
        LimitKey::at(client).key(match self {
            Self::Account(id) => format!("account/{id}"),
            Self::Unknown(digest) => format!("unknown/{digest}"),
        })
    }

    fn user_id(&self) -> i64 {
        match self {
            Self::Account(id) => *id,
            Self::Unknown(_) => NOBODY,
        }
    }
}

/// Refuses an attempt after too many failures, unless it comes from a known client.
///
/// # Errors
/// [`AuthError::Throttled`], and errors of the database.
pub(super) async fn peek(auth: &Auth, context: &Context, target: &Target) -> Result<(), AuthError> {
    let key = target.key(&context.client);
    let mut refused = limits::peek(auth, Action::LoginFailedAccount, &key).await;
    if refused.is_ok() && !has_codes(auth) {
        refused = limits::peek(auth, Action::LoginCode, &key).await;
    }
    unless_known(auth, context, target, refused).await
}

/// Counts a failure.
///
/// # Errors
/// As [`peek`], if another request has reached the limit meanwhile.
pub(super) async fn consume(
    auth: &Auth,
    context: &Context,
    target: &Target,
) -> Result<(), AuthError> {
    let key = target.key(&context.client);
    let mut refused = limits::consume(auth, Action::LoginFailedAccount, &key).await;
    if has_codes(auth) {
        limits::note(auth, Action::LoginCode, &key).await?;
    } else {
        refused = refused.and(limits::consume(auth, Action::LoginCode, &key).await);
    }
    unless_known(auth, context, target, refused).await
}

/// Whether a right password may have been guessed, and a mailed code has to confirm it: so many were
/// wrong before, or this one was given like that once. Waiting does not make it any better.
///
/// # Errors
/// Errors of the database, and of the store that has the counters.
pub(super) async fn cast_doubt(
    auth: &Auth,
    context: &Context,
    user_id: i64,
    is_guessed: bool,
) -> Result<bool, AuthError> {
    let key = Target::Account(user_id).key(&context.client);
    Ok(has_codes(auth)
        && (is_guessed || limits::is_reached(auth, Action::LoginCode, &key).await?)
        && !known_clients::is_known(auth, user_id, &context.client).await?)
}

/// Forgets the failures of an account, because its owner has proven who they are.
///
/// # Errors
/// Errors of the store that has the counters.
pub(crate) async fn reset(auth: &Auth, client: &Client, user_id: i64) -> Result<(), AuthError> {
    let key = Target::Account(user_id).key(client);
    limits::reset_all(auth, &[Action::LoginCode, Action::LoginFailedAccount], &key).await
}

/// Whether a mailed code can confirm a login: the endpoint that takes it is one of `apps.mfa`.
fn has_codes(auth: &Auth) -> bool {
    auth.settings().apps.mfa
}

async fn unless_known(
    auth: &Auth,
    context: &Context,
    target: &Target,
    refused: Result<(), AuthError>,
) -> Result<(), AuthError> {
    match refused {
        // Nobody's clients are looked up, too, so that the response time does not tell who exists.
        Err(AuthError::Throttled { .. })
            if known_clients::is_known(auth, target.user_id(), &context.client).await? =>
        {
            Ok(())
        }
        refused => refused,
    }
}
