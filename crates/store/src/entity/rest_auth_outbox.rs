//! `rest_auth_outbox`: mails to deliver.

use sea_orm::entity::prelude::*;

use crate::time::DjangoTime;

/// A row of `rest_auth_outbox`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_outbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) created_at: DjangoTime,
    /// Empty: a decoy.
    pub(crate) to_address: String,
    pub(crate) payload: String,
    pub(crate) available_at: DjangoTime,
    pub(crate) leased_until: Option<DjangoTime>,
    pub(crate) attempts: i64,
    pub(crate) last_error: Option<String>,
    pub(crate) sent_at: Option<DjangoTime>,
    pub(crate) dead_at: Option<DjangoTime>,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
