//! What a user is.

use chrono::{DateTime, Utc};
use rest_auth_domain::password::EncodedPassword;

use crate::entity::{auth_user, rest_auth_user};

/// A row of `auth_user` with the epoch that its credentials must carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The primary key.
    pub id: i64,
    /// The login name, unique.
    pub username: String,
    /// The primary e-mail address, or empty.
    pub email: String,
    /// The given name, or empty.
    pub first_name: String,
    /// The family name, or empty.
    pub last_name: String,
    /// The password column.
    pub password: EncodedPassword,
    /// Whether the user may sign in at all.
    pub is_active: bool,
    /// Whether Django's admin lets the user in.
    pub is_staff: bool,
    /// Whether Django grants the user every permission.
    pub is_superuser: bool,
    /// The last sign-in. Part of Django's password reset tokens.
    pub last_login: Option<DateTime<Utc>>,
    /// When the account was made.
    pub date_joined: DateTime<Utc>,
    /// Credentials issued under a lower epoch are dead. Zero until it is first raised.
    pub epoch: i64,
}

impl User {
    /// The facts of a row and of its epoch, if that was ever raised.
    pub(crate) fn new(user: auth_user::Model, epoch: Option<rest_auth_user::Model>) -> Self {
        let auth_user::Model {
            id,
            username,
            password,
            email,
            first_name,
            last_name,
            is_active,
            is_staff,
            is_superuser,
            last_login,
            date_joined,
        } = user;
        Self {
            id: id.0,
            username,
            email,
            first_name,
            last_name,
            password: EncodedPassword::new(password),
            is_active,
            is_staff,
            is_superuser,
            last_login: last_login.map(|time| time.0),
            date_joined: date_joined.0,
            epoch: epoch.map_or(0, |rest_auth_user::Model { user_id: _, epoch }| epoch),
        }
    }
}
