//! `rest_auth_one_time`: secrets that work once.

use sea_orm::entity::prelude::*;

use crate::time::DjangoTime;

/// A row of `rest_auth_one_time`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_one_time")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) kind: String,
    /// SHA-256 of the secret in hexadecimal, unique.
    pub(crate) digest: String,
    pub(crate) user_id: Option<i64>,
    pub(crate) epoch: i64,
    pub(crate) data: String,
    pub(crate) attempts: i64,
    pub(crate) created_at: DjangoTime,
    pub(crate) expires_at: DjangoTime,
    pub(crate) consumed_at: Option<DjangoTime>,
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
