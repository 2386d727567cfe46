//! `rest_auth_reauthentication`: what users have proven with credentials that have no row of ours.

use sea_orm::entity::prelude::*;

use crate::time::DjangoTime;

/// A row of `rest_auth_reauthentication`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_reauthentication")]
pub(crate) struct Model {
    /// SHA-256 of the credential in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) credential: String,
    pub(crate) user_id: i64,
    /// The user's epoch at that moment.
    pub(crate) epoch: i64,
    pub(crate) evidence: String,
    pub(crate) expires_at: DjangoTime,
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
