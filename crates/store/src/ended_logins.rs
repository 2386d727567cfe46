//! Many logins of a user end at once.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::entity::{
    rest_auth_refresh_family as family, rest_auth_session as session, rest_auth_token as token,
};
use crate::write::Commit;
use crate::{Store, StoreError, refresh_families};

/// How many credentials one statement ends. Databases limit the parameters of a statement.
const AT_ONCE: usize = 500;

/// Credentials that end, by what their rows are found by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndedCredentials {
    /// The digests of tokens.
    pub tokens: Vec<String>,
    /// The ids of refresh families.
    pub families: Vec<String>,
    /// The digests of sessions.
    pub sessions: Vec<String>,
}

impl Store {
    /// Ends credentials, in few statements: a script that logs in every minute has tens of thousands.
    pub async fn end_credentials(
        &self,
        ended: &EndedCredentials,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        for some in ended.tokens.chunks(AT_ONCE) {
            self.write(|tx| async move {
                let rows = token::Entity::delete_many().filter(token::Column::Digest.is_in(some));
                rows.exec(&tx).await?;
                Ok(Commit(()))
            })
            .await?;
        }
        for some in ended.families.chunks(AT_ONCE) {
            self.write(|tx| async move {
                refresh_families::revoke(&tx, family::Column::Id.is_in(some), now).await?;
                Ok(Commit(()))
            })
            .await?;
        }
        for some in ended.sessions.chunks(AT_ONCE) {
            self.write(|tx| async move {
                let rows = session::Entity::delete_many();
                rows.filter(session::Column::Digest.is_in(some)).exec(&tx).await?;
                Ok(Commit(()))
            })
            .await?;
        }
        Ok(())
    }
}
