//! `rest_auth_refresh_family`, `rest_auth_refresh_token`, `rest_auth_one_time`.

use sea_orm::FromQueryResult;

use crate::one_time::OneTime;
use crate::time::DjangoTime;

/// A refresh token with what decides about it in its family.
#[derive(FromQueryResult)]
pub(crate) struct RefreshRow {
    pub(crate) family_id: String,
    pub(crate) expires_at: DjangoTime,
    pub(crate) consumed_at: Option<DjangoTime>,
    pub(crate) successor_jti: Option<String>,
    pub(crate) successor_iat: Option<DjangoTime>,
    pub(crate) successor_exp: Option<DjangoTime>,
    pub(crate) ends_at: DjangoTime,
    pub(crate) revoked_at: Option<DjangoTime>,
}

/// What an access token needs to know of its family; nothing when there is no such family.
#[derive(FromQueryResult)]
pub(crate) struct FamilyRow {
    pub(crate) ends_at: Option<DjangoTime>,
    pub(crate) revoked_at: Option<DjangoTime>,
}

#[derive(FromQueryResult)]
pub(crate) struct OneTimeRow {
    id: i64,
    kind: String,
    digest: String,
    user_id: Option<i64>,
    epoch: i64,
    data: String,
    attempts: i64,
    created_at: DjangoTime,
    expires_at: DjangoTime,
}

impl From<OneTimeRow> for OneTime {
    fn from(row: OneTimeRow) -> Self {
        let OneTimeRow { id, kind, digest, user_id, epoch, data, attempts, created_at, expires_at } =
            row;
        Self {
            id,
            kind,
            digest,
            user_id,
            epoch,
            data,
            attempts,
            created_at: created_at.0,
            expires_at: expires_at.0,
        }
    }
}
