//! `socialaccount_socialtoken`: what a provider issued for an account.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::entity::socialaccount_socialtoken::{ActiveModel, Column, Entity, Model};
use crate::time::DjangoTime;
use crate::write::Commit;
use crate::{Store, StoreError, user_lock};

/// The tokens of an account at a provider, as they are stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SocialToken {
    /// The access token.
    pub token: String,
    /// The refresh token, or the secret of an OAuth 1 token; may be empty.
    pub token_secret: String,
    /// When the access token ends, if the provider said so.
    pub expires_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for SocialToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SocialToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl From<Model> for SocialToken {
    fn from(row: Model) -> Self {
        let Model { token, token_secret, expires_at, .. } = row;
        Self { token, token_secret, expires_at: expires_at.map(|time| time.0) }
    }
}

impl Store {
    /// The tokens of an account that are not bound to an app of Django's own table.
    pub async fn social_token(&self, account_id: i64) -> Result<Option<SocialToken>, StoreError> {
        let row = Entity::find().filter(of(account_id)).one(self.reader()).await?;
        Ok(row.map(SocialToken::from))
    }

    /// Keeps the tokens of an account in place of those before. `user_id` is the owner's.
    pub async fn keep_social_token(
        &self,
        user_id: i64,
        account_id: i64,
        token: &SocialToken,
    ) -> Result<(), StoreError> {
        self.write(|tx| async move {
            // The column of the app is NULL, which no unique index compares: one writer at a time.
            user_lock::lock(&tx, user_id).await?;
            let SocialToken { token, token_secret, expires_at } = token.clone();
            let values = ActiveModel {
                id: NotSet,
                token: Set(token),
                token_secret: Set(token_secret),
                expires_at: Set(expires_at.map(DjangoTime)),
                account_id: Set(account_id.into()),
                app_id: Set(None),
            };
            let row = Entity::update_many().set(values.clone()).filter(of(account_id));
            if row.exec(&tx).await?.rows_affected == 0 {
                Entity::insert(values).exec_without_returning(&tx).await?;
            }
            Ok(Commit(()))
        })
        .await
    }
}

fn of(account_id: i64) -> sea_orm::sea_query::SimpleExpr {
    use sea_orm::sea_query::ExprTrait as _;
    Column::AccountId.eq(account_id).and(Column::AppId.is_null())
}
