//! All second factors of all users, for whoever looks whether they can be read.

use rest_auth_migration::tables;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::Value;

use crate::entity::dj_rest_auth_mfa_authenticator as own;
use crate::entity::{mfa_authenticator as allauth, passkeys_webauthncredential as passkeys};
use crate::id::Id;
use crate::json::JsonColumn;
use crate::mfa::{FactorKind, FactorSource};
use crate::{Store, StoreError};

/// How many rows are read at a time.
const PAGE: u64 = 500;

/// A row of a table of second factors. It holds secrets, so there is no `Debug`.
pub struct StoredFactor {
    /// The user.
    pub user_id: i64,
    /// The type, as the column has it.
    pub kind: String,
    /// What proves anything with it.
    pub content: FactorContent,
}

/// What a row of a second factor holds.
pub enum FactorContent {
    /// The column `data`.
    Data(Value),
    /// A COSE key in CBOR.
    PublicKey(Vec<u8>),
}

impl Store {
    /// Shows each row of a table of second factors to `each`, in the order of ids. A table that is
    /// not there has none.
    pub async fn for_each_factor(
        &self,
        source: FactorSource,
        mut each: impl FnMut(StoredFactor),
    ) -> Result<(), StoreError> {
        if !tables(self.reader()).await?.contains(table(source)) {
            return Ok(());
        }
        let mut after = 0;
        loop {
            let page = match source {
                FactorSource::DjRestAuth => self.page_of_own(after).await?,
                FactorSource::Allauth => self.page_of_allauth(after).await?,
                FactorSource::Passkeys => self.page_of_passkeys(after).await?,
            };
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = *last;
            for (_, row) in page {
                each(row);
            }
        }
    }

    async fn page_of_own(&self, after: i64) -> Result<Vec<(i64, StoredFactor)>, StoreError> {
        use own::Column;
        let rows = own::Entity::find().filter(Column::Id.gt(after)).order_by_asc(Column::Id);
        let rows = rows
            .limit(PAGE)
            .select_only()
            .columns([Column::Id, Column::UserId, Column::Type, Column::Data])
            .into_tuple::<Row>();
        Ok(rows.all(self.reader()).await?.into_iter().map(with_data).collect())
    }

    async fn page_of_allauth(&self, after: i64) -> Result<Vec<(i64, StoredFactor)>, StoreError> {
        use allauth::Column;
        let rows = allauth::Entity::find().filter(Column::Id.gt(after)).order_by_asc(Column::Id);
        let rows = rows
            .limit(PAGE)
            .select_only()
            .columns([Column::Id, Column::UserId, Column::Type, Column::Data])
            .into_tuple::<Row>();
        Ok(rows.all(self.reader()).await?.into_iter().map(with_data).collect())
    }

    async fn page_of_passkeys(&self, after: i64) -> Result<Vec<(i64, StoredFactor)>, StoreError> {
        use passkeys::Column;
        let rows = passkeys::Entity::find().filter(Column::Id.gt(after)).order_by_asc(Column::Id);
        let rows = rows
            .limit(PAGE)
            .select_only()
            .columns([Column::Id, Column::UserId, Column::PublicKey])
            .into_tuple::<(Id, Id, Vec<u8>)>();
        let kind = FactorKind::Passkey.name();
        let read = |(id, user_id, key): (Id, Id, Vec<u8>)| {
            let (kind, content) = (kind.to_owned(), FactorContent::PublicKey(key));
            (id.0, StoredFactor { user_id: user_id.0, kind, content })
        };
        Ok(rows.all(self.reader()).await?.into_iter().map(read).collect())
    }
}

/// A row: its id, its user, its type and its data.
type Row = (Id, Id, String, JsonColumn);

fn with_data(row: Row) -> (i64, StoredFactor) {
    let (id, user_id, kind, data) = row;
    (id.0, StoredFactor { user_id: user_id.0, kind, content: FactorContent::Data(data.0) })
}

fn table(source: FactorSource) -> &'static str {
    match source {
        FactorSource::DjRestAuth => "dj_rest_auth_mfa_authenticator",
        FactorSource::Allauth => "mfa_authenticator",
        FactorSource::Passkeys => "passkeys_webauthncredential",
    }
}
