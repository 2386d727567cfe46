//! `rest_auth_passkey`: what is known of a passkey beside the row of a Django package. A passkey that
//! Django made has one from its first use here.

use sea_orm::entity::prelude::*;

/// A row of `rest_auth_passkey`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rest_auth_passkey")]
pub(crate) struct Model {
    /// `dj_rest_auth` or `allauth`: whose table the row is in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) source: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) row_id: i64,
    /// SHA-256 of the id of the credential in hexadecimal, unique.
    pub(crate) credential_digest: String,
    pub(crate) user_id: i64,
    pub(crate) sign_count: i64,
    /// The model of the authenticator; empty if it is not known.
    pub(crate) aaguid: String,
    pub(crate) backup_eligible: bool,
    pub(crate) backed_up: bool,
    pub(crate) user_verified: bool,
    /// Names with commas between.
    pub(crate) transports: String,
    pub(crate) last_ip: String,
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
