//! `auth_user` with its epoch from `rest_auth_user`, always read together.

use sea_orm::{DbErr, FromQueryResult, QueryResult};

use crate::id::Id;
use crate::time::DjangoTime;
use crate::user::{StoredPassword, User};

/// The columns of [`UserRow`], for the SELECT list of a constant statement.
macro_rules! user_columns {
    () => {
        r#""auth_user"."id" AS "u_id",
        "auth_user"."username" AS "u_username",
        "auth_user"."email" AS "u_email",
        "auth_user"."first_name" AS "u_first_name",
        "auth_user"."last_name" AS "u_last_name",
        "auth_user"."password" AS "u_password",
        "auth_user"."is_active" AS "u_is_active",
        "auth_user"."is_staff" AS "u_is_staff",
        "auth_user"."is_superuser" AS "u_is_superuser",
        "auth_user"."last_login" AS "u_last_login",
        "auth_user"."date_joined" AS "u_date_joined",
        COALESCE("rest_auth_user"."epoch", 0) AS "u_epoch""#
    };
}

/// Follows `auth_user` in the FROM list of a statement with [`user_columns`].
macro_rules! with_epoch {
    () => {
        r#" LEFT JOIN "rest_auth_user" ON "rest_auth_user"."user_id" = "auth_user"."id" "#
    };
}

pub(crate) use {user_columns, with_epoch};

#[derive(FromQueryResult)]
#[expect(clippy::struct_field_names, reason = "prefixed, as joins name the columns")]
pub(crate) struct UserRow {
    u_id: Id,
    u_username: String,
    u_email: String,
    u_first_name: String,
    u_last_name: String,
    u_password: String,
    u_is_active: bool,
    u_is_staff: bool,
    u_is_superuser: bool,
    u_last_login: Option<DjangoTime>,
    u_date_joined: DjangoTime,
    u_epoch: i64,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        let UserRow {
            u_id,
            u_username,
            u_email,
            u_first_name,
            u_last_name,
            u_password,
            u_is_active,
            u_is_staff,
            u_is_superuser,
            u_last_login,
            u_date_joined,
            u_epoch,
        } = row;
        Self {
            id: u_id.0,
            username: u_username,
            email: u_email,
            first_name: u_first_name,
            last_name: u_last_name,
            password: StoredPassword::new(u_password),
            is_active: u_is_active,
            is_staff: u_is_staff,
            is_superuser: u_is_superuser,
            last_login: u_last_login.map(|time| time.0),
            date_joined: u_date_joined.0,
            epoch: u_epoch,
        }
    }
}

/// A row of some table together with a user.
pub(crate) struct WithUser<R>(pub(crate) R, pub(crate) User);

impl<R: FromQueryResult> FromQueryResult for WithUser<R> {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let user = UserRow::from_query_result(row, prefix)?;
        Ok(Self(R::from_query_result(row, prefix)?, user.into()))
    }
}
