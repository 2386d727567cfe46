//! `account_emailaddress`: the addresses of users.

use sea_orm::entity::prelude::*;

use crate::id::Id;

/// A row of `account_emailaddress`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_emailaddress")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    /// In lower case.
    pub(crate) email: String,
    pub(crate) verified: bool,
    pub(crate) primary: bool,
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
    #[sea_orm(has_many = "super::account_emailconfirmation::Entity")]
    Confirmations,
}

impl Related<super::auth_user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl Related<super::account_emailconfirmation::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Confirmations.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
