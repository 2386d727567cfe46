//! Wrong passwords for one account, from wherever they come: `login_code` and
//! `login_failed_account` of `account.rate_limits`.
//!
//! The limits by source do not see a guesser who has many addresses. Above the first of these a right
//! password needs a mailed code, too (`mailed_code`), from then on; above the second everybody has to
//! wait. Neither holds on a client that the user has logged in from before: a guesser elsewhere must not keep the
//! user out. On a new client they reset the password, which proves the mailbox, forgives the failures
//! and makes the client known.

use rest_auth_domain::opaque_token::digest_of;
use rest_auth_store::User;

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
    /// An account, under whichever of its names and addresses. Its failures are those since its
    /// credentials last ended, so that a command of an administrator forgives them in every process.
    Account {
        /// The user.
        id: i64,
        /// Their epoch.
        epoch: i64,
    },
    /// Nobody. It is counted all the same, so that a refusal does not tell who exists.
    Unknown(String),
}

impl Target {
    /// The account of a user.
    pub(super) fn account(user: &User) -> Self {
        Self::Account { id: user.id, epoch: user.epoch }
    }

    /// An identifier that finds nobody.
    pub(super) fn unknown(identifier: &Identifier) -> Self {
        Self::Unknown(digest_of(&identifier.as_str().to_lowercase()))
    }

    fn key<'c>(&self, client: &'c Client) -> LimitKey<'c> {
        LimitKey::at(client).key(match self {
            Self::Account { id, epoch } => format!("account/{id}/{epoch}"),
            Self::Unknown(digest) => format!("unknown/{digest}"),
        })
    }

    fn user_id(&self) -> i64 {
        match self {
            Self::Account { id, .. } => *id,
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

/// Whether so many were wrong that a right password may have been guessed.
///
/// # Errors
/// Errors of the store that has the counters.
pub(super) async fn are_many(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Result<bool, AuthError> {
    let key = Target::account(user).key(&context.client);
    limits::is_reached(auth, Action::LoginCode, &key).await
}

/// Whether a mailed code has to confirm a right password that may have been guessed, which it need
/// not on a known client.
///
/// # Errors
/// Errors of the database.
pub(super) async fn asks_for_code(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Result<bool, AuthError> {
    Ok(has_codes(auth) && !known_clients::is_known(auth, user.id, &context.client).await?)
}

/// Forgets the failures of an account, because its owner has proven who they are.
///
/// # Errors
/// Errors of the store that has the counters.
pub(crate) async fn reset(auth: &Auth, client: &Client, user: &User) -> Result<(), AuthError> {
    let key = Target::account(user).key(client);
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
