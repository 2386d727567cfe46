//! `socialaccount_socialaccount`.

use sea_orm::FromQueryResult;

use crate::id::Id;
use crate::json::JsonColumn;
use crate::social_accounts::SocialAccount;
use crate::time::DjangoTime;

#[derive(FromQueryResult)]
pub(crate) struct SocialAccountRow {
    id: Id,
    user_id: Id,
    provider: String,
    uid: String,
    extra_data: JsonColumn,
    last_login: DjangoTime,
    date_joined: DjangoTime,
}

impl From<SocialAccountRow> for SocialAccount {
    fn from(row: SocialAccountRow) -> Self {
        let SocialAccountRow { id, user_id, provider, uid, extra_data, last_login, date_joined } =
            row;
        Self {
            id: id.0,
            user_id: user_id.0,
            provider,
            uid,
            extra_data: extra_data.0,
            last_login: last_login.0,
            date_joined: date_joined.0,
        }
    }
}
