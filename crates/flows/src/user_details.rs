//! Changes the user's own data: name, first and last name, and the fields that the configuration
//! adds.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_store::{NameChange, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::limits::{self, Action, LimitKey};
use crate::reauthentication::{self, CURRENT_PASSWORD, PasswordShown};
use crate::user_fields::FieldChange;
use crate::username;

/// Changes to a user. Absent fields stay as they are. It has no `Debug`, because it holds secrets.
#[derive(Default)]
pub struct Changes {
    /// A new user name, also one that breaks rules of its shape: other rules are checked too.
    pub username: Option<String>,
    /// A new first name, possibly empty.
    pub first_name: Option<String>,
    /// A new last name, possibly empty.
    pub last_name: Option<String>,
    /// New values of the fields that the configuration adds.
    pub fields: Vec<FieldChange>,
    /// The password of the account, for a new user name.
    pub current_password: Option<String>,
}

/// The fields in the order of their errors.
const FIELDS: &[&str] = &["username", "first_name", "last_name", CURRENT_PASSWORD];

/// Changes a user's data. `errors` are the errors of single fields. A new user name changes how the
/// user logs in, and needs a fresh proof if `account.reauthentication_required` is on.
///
/// # Errors
/// [`AuthError::Invalid`] with those problems and with what is wrong with the user name;
/// [`AuthError::ReauthenticationRequired`] without a proof;
/// [`AuthError::Throttled`] after too many names, because each answer tells whether a name is taken.
pub async fn update(
    auth: &Auth,
    context: &Context,
    user: User,
    changes: Changes,
    mut errors: FieldErrors,
) -> Result<User, AuthError> {
    // The user's own name is not taken, so that a form can send back what it was given.
    let username = changes.username.filter(|name| *name != user.username);
    if let Some(name) = &username {
        let key = LimitKey::at(&context.client).user(user.id);
        limits::consume(auth, Action::ChangeUsername, &key).await?;
        let shown = PasswordShown::current(changes.current_password);
        reauthentication::confirm(auth, context, &user, shown, &mut errors).await?;
        let of_shape = errors.take("username");
        errors.extend("username", username::problems(auth, name, &user, of_shape).await?);
    }
    errors.in_order_of(FIELDS).into_result()?;
    let change = NameChange {
        username,
        same_name: username::same_name(auth),
        first_name: changes.first_name,
        last_name: changes.last_name,
    };
    let updated = username::change(auth, context, user, change, &changes.fields).await?;
    // Another request may have taken the name since it was looked up.
    updated.ok_or_else(|| AuthError::field("username", Message::UsernameTaken))
}
