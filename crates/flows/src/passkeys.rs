//! Passkeys of users: they add, list, name and remove them. A login with one is in
//! [`login`](crate::login).
//!
//! [`enrolment`] adds one. `relying_party` is the site that all of them belong to, `handles` are the
//! names of users on their devices.

pub mod enrolment;
pub(crate) mod handles;
pub mod relying_party;

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_store::{PasskeyKey, PasskeySource, User};

pub use rest_auth_store::Passkey;

use crate::auth::Auth;
use crate::context::Context;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::mfa::change::{self, PlannedFactorChange};
use crate::notices;

/// What ids of rows of allauth begin at: two tables count by themselves, and JSON has no larger
/// numbers than 2^53.
const ALLAUTH_IDS: i64 = 1 << 52;

/// The id of a passkey in the API.
#[must_use]
pub fn id_of(passkey: &Passkey) -> i64 {
    id_at(passkey.key)
}

/// The id of the passkey at a place.
pub(crate) fn id_at(key: PasskeyKey) -> i64 {
    match key.source {
        PasskeySource::DjRestAuth => key.row_id,
        PasskeySource::Allauth => ALLAUTH_IDS + key.row_id,
    }
}

fn key_of(id: i64) -> PasskeyKey {
    match id.checked_sub(ALLAUTH_IDS) {
        Some(row_id) if row_id > 0 => PasskeyKey { source: PasskeySource::Allauth, row_id },
        _ => PasskeyKey { source: PasskeySource::DjRestAuth, row_id: id },
    }
}

/// The passkeys of a user, newest first.
///
/// # Errors
/// Errors of the database.
pub async fn list(auth: &Auth, user: &User) -> Result<Vec<Passkey>, AuthError> {
    Ok(auth.store().passkeys_of(user.id).await?)
}

/// One passkey of a user.
///
/// # Errors
/// [`AuthError::Unknown`] if the user has none with this id.
pub async fn show(auth: &Auth, user: &User, id: i64) -> Result<Passkey, AuthError> {
    let all = list(auth, user).await?;
    all.into_iter().find(|passkey| passkey.key == key_of(id)).ok_or_else(unknown)
}

/// Gives a passkey another name, unless none is given, and returns the name that it has.
///
/// # Errors
/// As [`show`].
pub async fn rename(
    auth: &Auth,
    user: &User,
    id: i64,
    name: Option<String>,
) -> Result<String, AuthError> {
    let Some(name) = name else { return Ok(show(auth, user, id).await?.name) };
    let is_renamed = auth.store().rename_passkey(user.id, key_of(id), &name).await?;
    if is_renamed { Ok(name) } else { Err(unknown()) }
}

/// The input of a removal. It has no `Debug`, because it holds secrets.
pub struct PasskeyRemoval {
    /// The id of the passkey.
    pub id: i64,
    /// The password of the user, where changes need it.
    pub current_password: Option<String>,
}

/// Removes a passkey, and with `mfa.revoke_on_change` ends the user's other credentials. The owner
/// gets a notice. The session of the request continues under the key that is returned.
///
/// # Errors
/// As [`show`]; [`AuthError::Invalid`] with `errors` and what is wrong with the password, where
/// changes need it.
pub async fn remove(
    auth: &Auth,
    context: &Context,
    user: &User,
    removal: PasskeyRemoval,
    errors: FieldErrors,
) -> Result<Option<OpenSession>, AuthError> {
    let PasskeyRemoval { id, current_password } = removal;
    show(auth, user, id).await?;
    change::confirm(auth, context, user, current_password, errors).await?;
    let mails = notices::passkey_removed(auth, context, user);
    let change = PlannedFactorChange::begin(auth, context, user, mails).await?;
    if !auth.store().remove_passkey(key_of(id), change.written()).await? {
        return Err(unknown());
    }
    events::record(auth, &context.client, Event::PasskeyRemoved { user: user.id });
    Ok(change.finish(auth))
}

fn unknown() -> AuthError {
    AuthError::Unknown(Message::NoSuchPasskey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_both_tables_differ() {
        for id in [1, 7, 1 << 31] {
            let own = PasskeyKey { source: PasskeySource::DjRestAuth, row_id: id };
            let theirs = PasskeyKey { source: PasskeySource::Allauth, row_id: id };
            assert_eq!((key_of(id), key_of(ALLAUTH_IDS + id)), (own, theirs));
        }
        // JavaScript reads numbers up to 2^53.
        let shown = |row_id: i64| ALLAUTH_IDS + row_id;
        assert!(shown(1 << 51) < 1 << 53);
    }
}
