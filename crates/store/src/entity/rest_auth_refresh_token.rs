//! `rest_auth_refresh_token`: refresh tokens, which go with their family.

use sea_orm::entity::prelude::*;

use crate::time::DjangoTime;

/// A row of `rest_auth_refresh_token`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_refresh_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) jti: String,
    pub(crate) family_id: String,
    pub(crate) issued_at: DjangoTime,
    pub(crate) expires_at: DjangoTime,
    pub(crate) consumed_at: Option<DjangoTime>,
    pub(crate) successor_jti: Option<String>,
    pub(crate) successor_iat: Option<DjangoTime>,
    pub(crate) successor_exp: Option<DjangoTime>,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::rest_auth_refresh_family::Entity",
        from = "Column::FamilyId",
        to = "super::rest_auth_refresh_family::Column::Id"
    )]
    Family,
}

impl Related<super::rest_auth_refresh_family::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Family.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
