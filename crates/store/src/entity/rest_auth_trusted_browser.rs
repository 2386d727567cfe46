//! `rest_auth_trusted_browser`: browsers that are not asked for the second factor.

use sea_orm::entity::prelude::*;

use crate::time::DjangoTime;

/// A row of `rest_auth_trusted_browser`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_trusted_browser")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    /// SHA-256 of the cookie in hexadecimal, unique.
    pub(crate) digest: String,
    pub(crate) user_id: i64,
    /// The user's epoch when it was trusted.
    pub(crate) epoch: i64,
    /// SHA-256 of the hash of the password at that moment.
    pub(crate) password: String,
    pub(crate) created_at: DjangoTime,
    pub(crate) last_seen_at: DjangoTime,
    pub(crate) expires_at: DjangoTime,
    pub(crate) user_agent: String,
    pub(crate) ip: String,
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
