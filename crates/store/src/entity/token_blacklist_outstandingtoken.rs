//! `token_blacklist_outstandingtoken`: the refresh tokens that SimpleJWT has issued.

use sea_orm::entity::prelude::*;

use crate::id::Id;
use crate::time::DjangoTime;

/// A row of `token_blacklist_outstandingtoken`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "token_blacklist_outstandingtoken")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    /// The whole token.
    pub(crate) token: String,
    pub(crate) created_at: Option<DjangoTime>,
    pub(crate) expires_at: DjangoTime,
    /// Absent: the user has been deleted.
    pub(crate) user_id: Option<Id>,
    /// Unique.
    pub(crate) jti: String,
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
    #[sea_orm(has_one = "super::token_blacklist_blacklistedtoken::Entity")]
    Blacklisting,
}

impl Related<super::auth_user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl Related<super::token_blacklist_blacklistedtoken::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Blacklisting.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
