//! `rest_auth_user`: the epoch of a user, once it has been raised, and their password, once it may
//! have been guessed.

use sea_orm::entity::prelude::*;

/// A row of `rest_auth_user`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_user")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: i64,
    /// Credentials of a lower epoch have ended.
    pub(crate) epoch: i64,
    /// The SHA-256 of the hash of the password that may have been guessed.
    pub(crate) guessed_password: Option<String>,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::auth_user::Entity",
        from = "Column::UserId",
        to = "super::auth_user::Column::Id"
    )]
    User,
}

impl Related<super::auth_user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
