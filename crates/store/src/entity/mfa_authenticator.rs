//! `mfa_authenticator`: the second factors of allauth. Older projects lack the columns of times: name
//! these only where a row can be there that they do not have.

use sea_orm::entity::prelude::*;

use crate::id::Id;
use crate::json::JsonColumn;
use crate::time::DjangoTime;

/// A row of `mfa_authenticator`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mfa_authenticator")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: Id,
    /// `totp`, `recovery_codes` or `webauthn`.
    pub(crate) r#type: String,
    pub(crate) data: JsonColumn,
    pub(crate) user_id: Id,
    pub(crate) created_at: DjangoTime,
    pub(crate) last_used_at: Option<DjangoTime>,
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
