//! `account_emailconfirmation`: mailed keys, in projects that keep them in the database.

use sea_orm::entity::prelude::*;

use crate::id::Id;
use crate::time::DjangoTime;

/// A row of `account_emailconfirmation`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_emailconfirmation")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    pub(crate) created: DjangoTime,
    pub(crate) sent: Option<DjangoTime>,
    /// The secret itself, unique.
    pub(crate) key: String,
    pub(crate) email_address_id: Id,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::account_emailaddress::Entity",
        from = "Column::EmailAddressId",
        to = "super::account_emailaddress::Column::Id"
    )]
    Address,
}

impl Related<super::account_emailaddress::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Address.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
