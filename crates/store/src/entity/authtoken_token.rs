//! `authtoken_token`: the tokens of Django REST framework, one per user.

use sea_orm::entity::prelude::*;

use crate::id::Id;
use crate::time::DjangoTime;

/// A row of `authtoken_token`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "authtoken_token")]
pub(crate) struct Model {
    /// The secret itself.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) key: String,
    pub(crate) created: DjangoTime,
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
}

impl Related<super::auth_user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
