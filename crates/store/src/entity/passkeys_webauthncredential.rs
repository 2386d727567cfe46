//! `passkeys_webauthncredential`: the passkeys of dj-rest-auth.

use sea_orm::entity::prelude::*;

use crate::id::Id;
use crate::json::JsonColumn;
use crate::sign_count::SignCount;
use crate::time::DjangoTime;

/// A row of `passkeys_webauthncredential`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys_webauthncredential")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) credential_id: Vec<u8>,
    /// A COSE key in CBOR.
    pub(crate) public_key: Vec<u8>,
    pub(crate) sign_count: SignCount,
    pub(crate) transports: JsonColumn,
    pub(crate) discoverable: bool,
    pub(crate) created_at: DjangoTime,
    pub(crate) last_used_at: Option<DjangoTime>,
    pub(crate) user_id: Id,
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
