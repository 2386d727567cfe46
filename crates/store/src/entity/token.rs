//! `authtoken_token`.

use sea_orm::FromQueryResult;

use crate::drf_tokens::DrfToken;
use crate::id::Id;
use crate::time::DjangoTime;

#[derive(FromQueryResult)]
pub(crate) struct TokenRow {
    key: String,
    created: DjangoTime,
    user_id: Id,
}

impl TokenRow {
    /// Whether this is the row that was asked for, byte for byte.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.key == key
    }
}

impl From<TokenRow> for DrfToken {
    fn from(row: TokenRow) -> Self {
        let TokenRow { key, created, user_id } = row;
        Self { key, created: created.0, user_id: user_id.0 }
    }
}
