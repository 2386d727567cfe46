//! `socialaccount_socialapp`: the apps that a Django project has in its database in place of its
//! settings. Its secrets are not read.

use sea_orm::entity::prelude::*;

use crate::id::Id;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "socialaccount_socialapp")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    pub(crate) provider: String,
    pub(crate) client_id: String,
    pub(crate) provider_id: String,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
