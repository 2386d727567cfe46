//! Wrong codes of the second factor of one user, whichever logins they were typed in: whoever gets as
//! far as that knows the first factor, and its owner is told.
//!
//! They are counted for the user, because a login costs nothing to begin again: whoever stopped
//! before the last code of each would never be told of. A right code does not forgive them, or a user
//! who logs in would hide the tries of somebody else.

use std::time::Duration;

use crate::auth::Auth;
use crate::error::AuthError;
use crate::throttle::{Counter, Rate};

/// How long a wrong code counts. Who tries fewer than `mfa.max_attempts` in a day guesses for
/// centuries.
const WINDOW: Duration = Duration::from_hours(24);

/// Counts a wrong code. `true`: with it there are as many as a login allows, so that the user is to be
/// told, and counting begins anew.
///
/// # Errors
/// If the store of the counters does not answer.
pub(super) async fn count(auth: &Auth, user_id: i64) -> Result<bool, AuthError> {
    let before_the_last = auth.settings().mfa.max_attempts.saturating_sub(1);
    let rate = Rate::new(before_the_last, WINDOW);
    let counters = [Counter { key: format!("mfa_failed/user/{user_id}"), rate }];
    let has_room = auth.throttle().consume(&counters, auth.now()).await?.is_none();
    if !has_room {
        auth.throttle().clear(&counters).await?;
    }
    Ok(!has_room)
}
