//! `django_session` and `rest_auth_session`.

use sea_orm::FromQueryResult;

use crate::device_sessions::DeviceSession;
use crate::device_tokens::Client;
use crate::sessions::SessionRow;
use crate::time::DjangoTime;

#[derive(FromQueryResult)]
pub(crate) struct DjangoSessionRow {
    pub(crate) session_key: String,
    session_data: String,
    expire_date: DjangoTime,
}

impl From<DjangoSessionRow> for SessionRow {
    fn from(row: DjangoSessionRow) -> Self {
        // The caller has the key.
        let DjangoSessionRow { session_key: _, session_data, expire_date } = row;
        Self { data: session_data, expire_date: expire_date.0 }
    }
}

#[derive(FromQueryResult)]
pub(crate) struct DeviceSessionRow {
    digest: String,
    user_id: Option<i64>,
    epoch: i64,
    data: String,
    created_at: DjangoTime,
    last_seen_at: DjangoTime,
    expire_date: DjangoTime,
    absolute_end: Option<DjangoTime>,
    user_agent: String,
    ip: String,
}

impl From<DeviceSessionRow> for DeviceSession {
    fn from(row: DeviceSessionRow) -> Self {
        let DeviceSessionRow {
            digest,
            user_id,
            epoch,
            data,
            created_at,
            last_seen_at,
            expire_date,
            absolute_end,
            user_agent,
            ip,
        } = row;
        Self {
            digest,
            user_id,
            epoch,
            data,
            created_at: created_at.0,
            last_seen_at: last_seen_at.0,
            expire_date: expire_date.0,
            absolute_end: absolute_end.map(|time| time.0),
            client: Client { user_agent, ip },
        }
    }
}
