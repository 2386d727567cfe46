//! What Apple tells of its users, from server to server.
//! <https://developer.apple.com/documentation/signinwithapple/processing-changes-for-sign-in-with-apple-accounts>

use rest_auth_domain::message::Message;
use rest_auth_social::{AppleNotice, AppleNotification};
use rest_auth_store::{DisconnectResult, Renewal, SocialAccount, StoreError, User};

use super::{connections, refusal, used};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};

/// Under which kind a notification that has been followed is remembered.
const FOLLOWED: &str = "apple_notification";

/// Does what a notification of Apple asks for, once. One about nobody is acknowledged, like one that
/// comes again: the user may have come back since.
///
/// # Errors
/// [`AuthError::Invalid`] if it does not come from Apple or is not for us.
pub async fn notify(
    auth: &Auth,
    context: &Context,
    provider: &str,
    payload: &str,
) -> Result<(), AuthError> {
    let told = auth.social().apple_notification(provider, payload, auth.now()).await;
    let AppleNotification { uid, notice, once } = told.map_err(|error| match refusal(error) {
        AuthError::Invalid(_) => AuthError::field("payload", Message::InvalidValue),
        error => error,
    })?;
    let followed = used(auth, FOLLOWED, &once);
    if auth.store().one_time(FOLLOWED, &followed.digest, auth.now()).await?.is_some() {
        return Ok(());
    }
    follow(auth, context, provider, &uid, notice).await?;
    // Afterwards: if it breaks off, Apple tells again.
    match auth.store().insert_one_time(&followed).await {
        Ok(_) | Err(StoreError::Taken(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn follow(
    auth: &Auth,
    context: &Context,
    provider: &str,
    uid: &str,
    notice: AppleNotice,
) -> Result<(), AuthError> {
    if notice == AppleNotice::Other {
        return Ok(());
    }
    let found = auth.store().social_account::<User>(provider, uid).await?;
    let Some((account, user)): Option<(SocialAccount, User)> = found else { return Ok(()) };
    // The user does not want this any more: nothing that it gave goes on. In this order: if it breaks
    // off, Apple tells again, and the account is still found.
    auth.store().renew_credentials(user.id, &Renewal::end_all(auth.now())).await?;
    let ended = Event::SocialConsentRevoked { user: user.id, provider: account.provider.clone() };
    events::record(auth, &context.client, ended);
    // Where a user who has no other way in comes back by Apple, the account is theirs as before. Whose
    // account at Apple is deleted cannot come back by it.
    let may_go = |others: &[SocialAccount], has_password: bool| {
        notice == AppleNotice::AccountDeleted
            || connections::has_other_way_in(auth, others, has_password)
    };
    // The request is Apple's: its address and its program are not the user's.
    let of_nobody = Context::for_command(auth, context.links.clone());
    match connections::end(auth, &of_nobody, &user, &account, may_go).await? {
        DisconnectResult::Done(account) => {
            connections::record_end(auth, &context.client, account);
            Ok(())
        }
        DisconnectResult::Refused => Ok(auth.store().forget_social_tokens(account.id).await?),
        DisconnectResult::NotFound => Ok(()),
    }
}
