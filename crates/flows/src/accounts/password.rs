//! Passwords that an administrator sets.

use rest_auth_domain::password::{EncodedPassword, UnreadableHash};
use rest_auth_domain::python_text;
use rest_auth_store::{NewPassword, Outgoing, Renewal, StoreError, User};

use super::{AccountError, find, stored_password};
use crate::auth::Auth;
use crate::client::Client;
use crate::events::{self, Event};
use crate::password_rules;

/// Sets the password of an account if the configured validators accept it. All logins of the user
/// end, as after a change by the user, and the wrong passwords before count no more.
///
/// # Errors
/// [`AccountError::Refused`] with the sentences of the validators.
pub async fn set_password(auth: &Auth, name: &str, password: &str) -> Result<User, AccountError> {
    let user = find(auth, name).await?;
    let password = python_text::strip(password);
    let attributes = password_rules::attributes(&user);
    let problems = password_rules::problems(auth, password, Some(&attributes));
    if !problems.is_empty() {
        let sentences: Vec<_> = problems.iter().map(ToString::to_string).collect();
        return Err(AccountError::Refused { field: "password", problem: sentences.join(" ") });
    }
    store(auth, user, password).await
}

/// The same without the validators.
///
/// # Errors
/// [`AccountError`].
pub async fn set_password_unchecked(
    auth: &Auth,
    name: &str,
    password: &str,
) -> Result<User, AccountError> {
    let user = find(auth, name).await?;
    store(auth, user, password).await
}

async fn store(auth: &Auth, user: User, password: &str) -> Result<User, AccountError> {
    if let Some(hash) = stored_password(auth, Some(password), None).await? {
        replace(auth, &user, &hash).await?;
        events::record(auth, &Client::default(), Event::PasswordSet { user: user.id });
    }
    Ok(user)
}

/// Stores a password, whatever it was before. All logins of the user end.
pub(super) async fn replace(
    auth: &Auth,
    user: &User,
    new: &EncodedPassword,
) -> Result<bool, StoreError> {
    let (renewal, outgoing) = (&Renewal::end_all(auth.now()), &Outgoing::default());
    let password = NewPassword { user_id: user.id, old: None, new, renewal, outgoing };
    auth.store().change_password(password).await
}

/// Why no password can match a stored text that was given; `None` if one can, or none is meant to.
pub(super) fn unreadable(auth: &Auth, hash: &str) -> Option<UnreadableHash> {
    auth.hashers().readable(&EncodedPassword::new(hash)).err()
}
