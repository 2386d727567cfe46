//! `rest_auth_outbox`.

use sea_orm::FromQueryResult;

use crate::outbox::Mail;
use crate::time::DjangoTime;

#[derive(FromQueryResult)]
pub(crate) struct MailRow {
    pub(crate) id: i64,
    created_at: DjangoTime,
    to_address: String,
    payload: String,
    available_at: DjangoTime,
    attempts: i64,
    last_error: Option<String>,
    leased_until: Option<DjangoTime>,
    sent_at: Option<DjangoTime>,
    dead_at: Option<DjangoTime>,
}

impl From<MailRow> for Mail {
    fn from(row: MailRow) -> Self {
        let MailRow {
            id,
            created_at,
            to_address,
            payload,
            available_at,
            attempts,
            last_error,
            leased_until,
            sent_at,
            dead_at,
        } = row;
        Self {
            id,
            created_at: created_at.0,
            to_address,
            payload,
            available_at: available_at.0,
            attempts,
            last_error,
            leased_until: leased_until.map(|time| time.0),
            sent_at: sent_at.map(|time| time.0),
            dead_at: dead_at.map(|time| time.0),
        }
    }
}
