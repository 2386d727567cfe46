//! An administrator removes the second factors of a user who has lost them.

use rest_auth_store::{FactorChange, FactorKind, Factors, NewMail, Renewal, User};

use crate::accounts::{self, AccountError};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::{notices, outbox};

/// Removes all second factors of an account, of all applications, and ends its logins. The user is
/// told. Returns the user and how many there were.
///
/// # Errors
/// [`AccountError`].
pub async fn all(auth: &Auth, context: &Context, name: &str) -> Result<(User, u64), AccountError> {
    let user = accounts::find(auth, name).await?;
    let mails = told(auth, context, &user).await?;
    let (renewal, outgoing) = (&Renewal::end_all(auth.now()), &mails.into());
    let change = FactorChange { user_id: user.id, renewal, outgoing };
    let removed = auth.store().reset_factors(change).await?;
    if removed > 0 {
        outbox::wake(auth);
        events::record(auth, &context.client, Event::SecondFactorsReset { user: user.id });
    }
    Ok((user, removed))
}

/// What the user is told: of the app, of the passkeys or of both.
async fn told(auth: &Auth, context: &Context, user: &User) -> Result<Vec<NewMail>, AuthError> {
    let all = auth.store().authenticators_of(user.id, Factors::ALL).await?;
    let has = |kind| all.iter().any(|factor| factor.kind == kind);
    let mut mails = Vec::new();
    if has(FactorKind::Passkey) {
        mails.extend(notices::passkey_removed(auth, context, user));
    }
    if has(FactorKind::Totp) || mails.is_empty() {
        mails.extend(notices::totp_deactivated(auth, context, user));
    }
    Ok(mails)
}
