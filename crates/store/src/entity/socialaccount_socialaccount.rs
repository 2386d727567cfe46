//! `socialaccount_socialaccount`: the identities of users at providers.

use sea_orm::entity::prelude::*;

use crate::id::Id;
use crate::json::JsonColumn;
use crate::time::DjangoTime;

/// A row of `socialaccount_socialaccount`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "socialaccount_socialaccount")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    pub(crate) provider: String,
    pub(crate) uid: String,
    pub(crate) last_login: DjangoTime,
    pub(crate) date_joined: DjangoTime,
    pub(crate) extra_data: JsonColumn,
    pub(crate) user_id: Id,
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
    #[sea_orm(has_many = "super::socialaccount_socialtoken::Entity")]
    Tokens,
}

impl Related<super::auth_user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl Related<super::socialaccount_socialtoken::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Tokens.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
