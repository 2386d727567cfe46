//! The accounts at providers that a user has connected.

use rest_auth_domain::message::Message;
use rest_auth_store::{DisconnectResult, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::{notices, outbox, reauthentication};

pub use rest_auth_store::SocialAccount;

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
    let provider = accounts.into_iter().find(|account| account.id == id);
    let provider = provider.ok_or(AuthError::NotFound)?.provider;
    let settings = auth.social().settings(&provider);
    let name = settings.map_or(&*provider, |entry| entry.display_name());
    let mails = notices::social_account_disconnected(auth, context, user, name);
    let may_go = |others: &[SocialAccount], has_password: bool| {
        has_password || others.iter().any(|other| auth.social().settings(&other.provider).is_some())
    };
    let is_told = !mails.is_empty();
    match auth.store().disconnect_social_account(user.id, id, may_go, &mails.into()).await? {
        DisconnectResult::Done(account) => {
            let (user, provider) = (user.id, account.provider);
            let event = Event::SocialAccountDisconnected { user, provider };
            events::record(auth, &context.client, event);
            if is_told {
                outbox::wake(auth);
            }
            Ok(())
        }
        DisconnectResult::NotFound => Err(AuthError::NotFound),
        DisconnectResult::Refused => Err(AuthError::form(Message::LastWayIn)),
    }
}
