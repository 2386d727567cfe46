//! `rest_auth_token`: opaque tokens, one per device.

use sea_orm::entity::prelude::*;

use crate::time::DjangoTime;

/// A row of `rest_auth_token`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    /// SHA-256 of the token in hexadecimal, unique.
    pub(crate) digest: String,
    pub(crate) user_id: i64,
    /// The user's epoch when it was issued.
    pub(crate) epoch: i64,
    pub(crate) created_at: DjangoTime,
    pub(crate) last_used_at: DjangoTime,
    /// Absent: never.
    pub(crate) expires_at: Option<DjangoTime>,
    pub(crate) user_agent: String,
    pub(crate) ip: String,
    /// The login that it was handed out by.
    pub(crate) login: Option<String>,
    /// What was proven.
    pub(crate) evidence: Option<String>,
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
