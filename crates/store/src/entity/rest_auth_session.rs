//! `rest_auth_session`: sessions of ours.

use sea_orm::entity::prelude::*;

use crate::time::DjangoTime;

/// A row of `rest_auth_session`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_session")]
pub(crate) struct Model {
    /// SHA-256 of the session key in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: String,
    /// Absent: nobody is signed in.
    pub(crate) user_id: Option<i64>,
    pub(crate) epoch: i64,
    pub(crate) data: String,
    pub(crate) created_at: DjangoTime,
    pub(crate) last_seen_at: DjangoTime,
    pub(crate) expire_date: DjangoTime,
    pub(crate) absolute_end: Option<DjangoTime>,
    pub(crate) user_agent: String,
    pub(crate) ip: String,
    /// The login that it was handed out by.
    pub(crate) login: Option<String>,
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
