//! The accounts at providers that a user has connected.

use rest_auth_domain::message::Message;
use rest_auth_store::{DisconnectResult, Disconnection, User};

use crate::auth::Auth;
use crate::challenges::Purpose;
use crate::client::Client;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::{notices, outbox, reauthentication};

pub use rest_auth_store::SocialAccount;

/// What a login by an account waits with, for its front end or for its second step.
const BEGUN: [Purpose; 2] = [Purpose::SocialExchange, Purpose::Login];

/// The accounts of a user, oldest first.
///
/// # Errors
/// Errors of the database.
pub async fn list(auth: &Auth, user: &User) -> Result<Vec<SocialAccount>, AuthError> {
    Ok(auth.store().social_accounts_of(user.id).await?)
}

/// Disconnects an account of a user.
///
/// # Errors
/// [`AuthError::NotFound`] if the user has no such account; [`AuthError::Invalid`] if the user could
/// not log in any more; [`AuthError::ReauthenticationRequired`] without a fresh proof.
pub async fn disconnect(
    auth: &Auth,
    context: &Context,
    user: &User,
    id: i64,
) -> Result<(), AuthError> {
    reauthentication::require(auth, context, user).await?;
    let accounts = list(auth, user).await?;
    let account = accounts.into_iter().find(|account| account.id == id);
    let account = account.ok_or(AuthError::NotFound)?;
    let may_go =
        |others: &[SocialAccount], has_password: bool| has_other_way_in(auth, others, has_password);
    match end(auth, context, user, &account, may_go).await? {
        DisconnectResult::Done(account) => {
            record_end(auth, &context.client, account);
            Ok(())
        }
        DisconnectResult::NotFound => Err(AuthError::NotFound),
        DisconnectResult::Refused => Err(AuthError::form(Message::LastWayIn)),
    }
}

/// Whether a user can log in without one of their accounts: by a password, or by one of the others.
pub(super) fn has_other_way_in(auth: &Auth, others: &[SocialAccount], has_password: bool) -> bool {
    has_password || others.iter().any(|other| auth.social().settings(&other.provider).is_some())
}

/// Disconnects an account, with the logins that wait by it, and mails the user what `context` says of
/// it.
pub(super) async fn end(
    auth: &Auth,
    context: &Context,
    user: &User,
    account: &SocialAccount,
    may_go: impl Fn(&[SocialAccount], bool) -> bool + Send + Sync,
) -> Result<DisconnectResult, AuthError> {
    let settings = auth.social().settings(&account.provider);
    let name = settings.map_or(&*account.provider, |entry| entry.display_name());
    let mails = notices::social_account_disconnected(auth, context, user, name);
    let is_told = !mails.is_empty();
    let disconnection = Disconnection {
        id: account.id,
        ends: &BEGUN.map(Purpose::kind),
        outgoing: &mails.into(),
        now: auth.now(),
    };
    let result = auth.store().disconnect_social_account(user.id, disconnection, may_go).await?;
    if is_told && matches!(result, DisconnectResult::Done(_)) {
        outbox::wake(auth);
    }
    Ok(result)
}

/// Reports that an account was disconnected.
pub(super) fn record_end(auth: &Auth, client: &Client, account: SocialAccount) {
    let SocialAccount { user_id: user, provider, .. } = account;
    events::record(auth, client, Event::SocialAccountDisconnected { user, provider });
}
