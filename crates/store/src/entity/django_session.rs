//! `django_session`: the sessions of Django. The user is inside the signed content, which a join
//! cannot read.

use sea_orm::entity::prelude::*;

use crate::time::DjangoTime;

/// A row of `django_session`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "django_session")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) session_key: String,
    pub(crate) session_data: String,
    pub(crate) expire_date: DjangoTime,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
