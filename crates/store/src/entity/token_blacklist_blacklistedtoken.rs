//! `token_blacklist_blacklistedtoken`: the refresh tokens that work no longer.

use sea_orm::entity::prelude::*;

use crate::id::Id;
use crate::time::DjangoTime;

/// A row of `token_blacklist_blacklistedtoken`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "token_blacklist_blacklistedtoken")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    pub(crate) blacklisted_at: DjangoTime,
    /// Unique.
    pub(crate) token_id: Id,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::token_blacklist_outstandingtoken::Entity",
        from = "Column::TokenId",
        to = "super::token_blacklist_outstandingtoken::Column::Id"
    )]
    Token,
}

impl Related<super::token_blacklist_outstandingtoken::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Token.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
