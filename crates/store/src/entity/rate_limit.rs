//! `rest_auth_rate_limit`.

use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
pub(crate) struct WindowRow {
    pub(crate) times: String,
}

#[derive(FromQueryResult)]
pub(crate) struct DigestRow {
    pub(crate) digest: String,
}
