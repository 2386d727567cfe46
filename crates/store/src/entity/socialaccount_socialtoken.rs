//! `socialaccount_socialtoken`: what a provider issued for an account.

use sea_orm::entity::prelude::*;

use crate::id::Id;
use crate::time::DjangoTime;

/// A row of `socialaccount_socialtoken`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "socialaccount_socialtoken")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    pub(crate) token: String,
    pub(crate) token_secret: String,
    pub(crate) expires_at: Option<DjangoTime>,
    pub(crate) account_id: Id,
    pub(crate) app_id: Option<Id>,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::socialaccount_socialaccount::Entity",
        from = "Column::AccountId",
        to = "super::socialaccount_socialaccount::Column::Id"
    )]
    Account,
}

impl Related<super::socialaccount_socialaccount::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Account.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
