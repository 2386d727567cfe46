//! An administrator removes the second factors of a user who has lost them.

use rest_auth_store::{FactorChange, Renewal, User};

use crate::accounts::{self, AccountError};
use crate::auth::Auth;
use crate::context::Context;
use crate::events::{self, Event};
use crate::{notices, outbox};

/// Removes all second factors of an account, of all applications, and ends its logins. The user is
/// told. Returns the user and how many there were.
///
/// # Errors
/// [`AccountError`].
pub async fn all(auth: &Auth, context: &Context, name: &str) -> Result<(User, u64), AccountError> {
    let user = accounts::find(auth, name).await?;
    let mails = notices::totp_deactivated(auth, context, &user);
    let (renewal, outgoing) = (&Renewal::end_all(auth.now()), &mails.into());
    let change = FactorChange { user_id: user.id, renewal, outgoing };
    let removed = auth.store().reset_factors(change).await?;
    if removed > 0 {
        outbox::wake(auth);
        events::record(auth, &context.client, Event::SecondFactorsReset { user: user.id });
    }
    Ok((user, removed))
}
