//! What a user is, and the hash of their password, which has a type of its own.

use chrono::{DateTime, Utc};
use rest_auth_domain::opaque_token::digest_of;
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
    /// Credentials of a lower epoch have ended. Zero until it is first raised.
    pub epoch: i64,
}

/// A user and the hash of their password. Only what verifies or changes a password asks for one, so
/// that no answer and no log can hold the hash by accident. Debug output hides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserWithPassword {
    /// The user.
    pub user: User,
    /// The password column.
    pub password: EncodedPassword,
    /// Whether the user has a second factor in any table, whatever the settings make of it; `None`
    /// where the look-up is none of a login, and did not ask.
    pub has_factor: Option<bool>,
    /// Whether the password was given by somebody who may have guessed it
    /// ([`note_guessed_password`](crate::Store::note_guessed_password)).
    pub is_guessed: bool,
}

/// A row of `auth_user` and the row of ours beside it, if there is one.
#[derive(Debug)]
pub struct UserRow {
    user: auth_user::Model,
    epoch: Option<rest_auth_user::Model>,
    has_factor: Option<bool>,
}

impl UserRow {
    pub(crate) fn new(user: auth_user::Model, epoch: Option<rest_auth_user::Model>) -> Self {
        Self { user, epoch, has_factor: None }
    }

    /// The same, where the look-up asked for second factors.
    pub(crate) fn knowing(self, has_factor: Option<bool>) -> Self {
        Self { has_factor, ..self }
    }
}

/// What a look-up makes of a row: a [`User`] or a [`UserWithPassword`], as its caller asks.
pub trait FromUserRow: Sized {
    /// Whether it tells if the user has a second factor, where a look-up can say so.
    const TELLS_FACTORS: bool;

    /// Takes what it needs of the row.
    fn from_row(row: UserRow) -> Self;

    /// The user.
    fn user(&self) -> &User;
}

impl FromUserRow for User {
    const TELLS_FACTORS: bool = false;

    fn from_row(row: UserRow) -> Self {
        UserWithPassword::from_row(row).user
    }

    fn user(&self) -> &User {
        self
    }
}

impl FromUserRow for UserWithPassword {
    const TELLS_FACTORS: bool = true;

    fn from_row(row: UserRow) -> Self {
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
        } = row.user;
        let user = User {
            id: id.0,
            username,
            email,
            first_name,
            last_name,
            is_active,
            is_staff,
            is_superuser,
            last_login: last_login.map(|time| time.0),
            date_joined: date_joined.0,
            epoch: row.epoch.as_ref().map_or(0, |row| row.epoch),
        };
        let guessed = row.epoch.and_then(|row| row.guessed_password);
        let is_guessed = guessed.is_some_and(|guessed| guessed == digest_of(&password));
        let password = EncodedPassword::new(password);
        Self { user, password, has_factor: row.has_factor, is_guessed }
    }

    fn user(&self) -> &User {
        &self.user
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::id::Id;

    #[test]
    fn debug_output_hides_the_hash() {
        let row = auth_user::Model {
            id: Id(7),
            username: "ada".to_owned(),
            password: "md5$salt$hash".to_owned(),
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            is_active: true,
            is_staff: false,
            is_superuser: false,
            last_login: None,
            date_joined: DateTime::UNIX_EPOCH.into(),
        };
        let user = UserWithPassword::from_row(UserRow::new(row, None));
        assert_eq!(user.password.as_str(), "md5$salt$hash");
        let shown = format!("{user:?}");
        assert!(shown.contains("ada") && !shown.contains("md5"), "{shown}");
    }
}
