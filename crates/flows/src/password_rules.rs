//! What a new password must be like.

use rest_auth_domain::message::Message;
use rest_auth_domain::password::{self, UserAttributes};
use rest_auth_store::User;

use crate::auth::Auth;

/// Everything that the configured validators have against a password, in their order. Without a
/// user the resemblance to one is not looked at.
pub(crate) fn problems(
    auth: &Auth,
    password: &str,
    user: Option<&UserAttributes<'_>>,
) -> Vec<Message> {
    if let Some(problem) = too_long(auth, password) {
        return vec![problem];
    }
    password::validate(auth.validators(), password, user).into_iter().map(Message::from).collect()
}

/// What a password that no login would accept is refused with.
pub(crate) fn too_long(auth: &Auth, password: &str) -> Option<Message> {
    let max_length = auth.hashing().max_bytes();
    (password.len() > max_length).then_some(Message::MaxLength { max_length })
}

/// What a password is compared with for an existing user.
pub(crate) fn attributes(user: &User) -> UserAttributes<'_> {
    UserAttributes {
        username: &user.username,
        first_name: &user.first_name,
        last_name: &user.last_name,
        email: &user.email,
    }
}
