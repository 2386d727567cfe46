//! `dj_rest_auth_mfa_authenticator`.

use sea_orm::FromQueryResult;

use crate::id::Id;
use crate::json::JsonColumn;
use crate::mfa::{Authenticator, FactorKind};
use crate::time::DjangoTime;

#[derive(FromQueryResult)]
pub(crate) struct AuthenticatorRow {
    id: Id,
    kind: String,
    data: JsonColumn,
    created_at: DjangoTime,
    last_used_at: Option<DjangoTime>,
}

impl AuthenticatorRow {
    /// The authenticator, unless its type is one that we do not know.
    pub(crate) fn known(self) -> Option<Authenticator> {
        let Self { id, kind, data, created_at, last_used_at } = self;
        Some(Authenticator {
            id: id.0,
            kind: FactorKind::named(&kind)?,
            data: data.0,
            created_at: created_at.0,
            last_used_at: last_used_at.map(|time| time.0),
        })
    }
}
