//! `django_site`: the names of sites in Django.

use sea_orm::entity::prelude::*;

use crate::id::Id;

/// A row of `django_site`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "django_site")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    /// Unique.
    pub(crate) domain: String,
    pub(crate) name: String,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
