//! `rest_auth_refresh_family`: one row per login, for all refresh tokens that descend from it.

use sea_orm::entity::prelude::*;

use crate::time::DjangoTime;

/// A row of `rest_auth_refresh_family`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_refresh_family")]
pub(crate) struct Model {
    /// The claim `sid`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) user_id: i64,
    pub(crate) epoch: i64,
    pub(crate) created_at: DjangoTime,
    pub(crate) ends_at: DjangoTime,
    pub(crate) revoked_at: Option<DjangoTime>,
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
    #[sea_orm(has_many = "super::rest_auth_refresh_token::Entity")]
    Tokens,
}

impl Related<super::auth_user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl Related<super::rest_auth_refresh_token::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Tokens.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
