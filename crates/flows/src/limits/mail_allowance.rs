//! How many mails that ask to verify an address may go to it: `account.rate_limits.confirm_email`.

use rest_auth_domain::email;

use super::{Action, LimitKey, consume as consume_one, peek as peek_at};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;

/// Counts one more mail to an address. `false`: that would be too many.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn consume(
    auth: &Auth,
    context: &Context,
    address: &str,
) -> Result<bool, AuthError> {
    allowed(consume_one(auth, Action::ConfirmEmail, &key(context, address)).await)
}

/// Whether one more mail may go to an address, without counting it.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn peek(auth: &Auth, context: &Context, address: &str) -> Result<bool, AuthError> {
    allowed(peek_at(auth, Action::ConfirmEmail, &key(context, address)).await)
}

fn key<'c>(context: &'c Context, address: &str) -> LimitKey<'c> {
    LimitKey::at(&context.client).key(email::canonical(address))
}

fn allowed(outcome: Result<(), AuthError>) -> Result<bool, AuthError> {
    match outcome {
        Err(AuthError::Throttled { .. }) => Ok(false),
        outcome => outcome.map(|()| true),
    }
}
