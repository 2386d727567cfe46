//! Where a user is logged in: API tokens, refresh families and sessions in one list, of which the user
//! can end any.
//!
//! What one login handed out is one entry. `rows` reads the tables, `entry` makes entries of the
//! rows, [`list`], [`end`] and [`end_others`] are what the user does.

mod entry;
mod rows;

use rest_auth_store::User;

pub use entry::{EntryKind, LoginEntry};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use entry::Entry;

/// The logins of a user, the newest first.
///
/// # Errors
/// Errors of the database.
pub async fn list(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Result<Vec<LoginEntry>, AuthError> {
    let entries = entries(auth, context, user).await?;
    Ok(entries.into_iter().map(|entry| entry.shown).collect())
}

/// Ends a login of a user. `true`: it was that of the request.
///
/// # Errors
/// [`AuthError::NotFound`] if the user has no such login.
pub async fn end(auth: &Auth, context: &Context, user: &User, id: &str) -> Result<bool, AuthError> {
    let entries = entries(auth, context, user).await?;
    let found = entries.into_iter().find(|entry| entry.shown.id == id);
    let found = found.ok_or(AuthError::NotFound)?;
    rows::end(auth, user, &found.rows.iter().collect::<Vec<_>>()).await?;
    events::record(auth, &context.client, Event::SessionEnded { user: user.id });
    Ok(found.shown.is_current)
}

/// Ends all logins of a user but that of the request.
///
/// # Errors
/// Errors of the database.
pub async fn end_others(auth: &Auth, context: &Context, user: &User) -> Result<(), AuthError> {
    let entries = entries(auth, context, user).await?;
    let others = entries.iter().filter(|entry| !entry.shown.is_current);
    let rows: Vec<_> = others.flat_map(|entry| &entry.rows).collect();
    rows::end(auth, user, &rows).await?;
    events::record(auth, &context.client, Event::OtherSessionsEnded { user: user.id });
    Ok(())
}

async fn entries(auth: &Auth, context: &Context, user: &User) -> Result<Vec<Entry>, AuthError> {
    let current = rows::current(auth, context).await?;
    let rows = rows::of(auth, user).await?;
    Ok(entry::of(auth, user, rows, &current))
}
