//! `auth_user`: the users.

use sea_orm::entity::prelude::*;

use crate::id::Id;
use crate::time::DjangoTime;

/// A row of `auth_user`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_user")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    /// The login name, unique.
    pub(crate) username: String,
    /// The encoded hash.
    pub(crate) password: String,
    /// The primary address, or empty.
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) is_active: bool,
    pub(crate) is_staff: bool,
    pub(crate) is_superuser: bool,
    pub(crate) last_login: Option<DjangoTime>,
    pub(crate) date_joined: DjangoTime,
}

/// How a row is related to others.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(has_one = "super::rest_auth_user::Entity")]
    Epoch,
}

impl Related<super::rest_auth_user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Epoch.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
