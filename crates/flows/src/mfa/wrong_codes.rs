//! Wrong codes of the second factor of one user, wherever they were typed: whoever gets as far as that
//! knows the first factor or is logged in, and its owner is told.
//!
//! They are counted for the user, because a login costs nothing to begin again: whoever stopped
//! before the last code of each would never be told of. A right code does not forgive them, or a user
//! who logs in would hide the tries of somebody else.

use std::time::Duration;

use rest_auth_domain::message::Message;
use rest_auth_store::User;

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::throttle::{Counter, Rate};
use crate::{notices, outbox};

/// How long a wrong code counts. Who tries fewer than `mfa.max_attempts` in a day guesses for
/// centuries.
const WINDOW: Duration = Duration::from_hours(24);

/// Notes a wrong code, and tells the user if there are as many as a login allows. Returns the answer to
/// who typed it.
///
/// # Errors
/// Errors of the database or of the store of the counters.
pub(crate) async fn note(
    auth: &Auth,
    context: &Context,
    user: &User,
    event: Event,
) -> Result<AuthError, AuthError> {
    events::record(auth, &context.client, event);
    if count(auth, user.id).await? {
        let mails = notices::second_factor_failed(auth, context, user);
        outbox::enqueue(auth, &mails.into()).await?;
    }
    Ok(AuthError::field("code", Message::InvalidCode))
}

/// Counts a wrong code. `true`: with it there are as many as a login allows, and counting begins anew.
async fn count(auth: &Auth, user_id: i64) -> Result<bool, AuthError> {
    let before_the_last = auth.settings().mfa.max_attempts.saturating_sub(1);
    let rate = Rate::new(before_the_last, WINDOW);
    let counters = [Counter { key: format!("mfa_failed/user/{user_id}"), rate }];
    let has_room = auth.throttle().consume(&counters, auth.now()).await?.is_none();
    if !has_room {
        auth.throttle().clear(&counters).await?;
    }
    Ok(!has_room)
}
