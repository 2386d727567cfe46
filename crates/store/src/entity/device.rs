//! `rest_auth_token`, `rest_auth_refresh_family`, `rest_auth_refresh_token`, `rest_auth_one_time`.

use sea_orm::FromQueryResult;

use crate::device_tokens::{Client, DeviceToken};
use crate::one_time::OneTime;
use crate::time::DjangoTime;

#[derive(FromQueryResult)]
pub(crate) struct DeviceTokenRow {
    id: i64,
    digest: String,
    user_id: i64,
    epoch: i64,
    created_at: DjangoTime,
    last_used_at: DjangoTime,
    expires_at: Option<DjangoTime>,
    user_agent: String,
    ip: String,
}

impl From<DeviceTokenRow> for DeviceToken {
    fn from(row: DeviceTokenRow) -> Self {
        let DeviceTokenRow {
            id,
            digest,
            user_id,
            epoch,
            created_at,
            last_used_at,
            expires_at,
            user_agent,
            ip,
        } = row;
        Self {
            id,
            digest,
            user_id,
            epoch,
            created_at: created_at.0,
            last_used_at: last_used_at.0,
            expires_at: expires_at.map(|time| time.0),
            client: Client { user_agent, ip },
        }
    }
}

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
