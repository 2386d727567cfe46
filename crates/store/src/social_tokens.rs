//! `socialaccount_socialtoken`: what a provider issued for an account.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

use crate::entity::socialaccount_socialapp as app;
use crate::entity::socialaccount_socialtoken::{ActiveModel, Column, Entity, Model};
use crate::id::Id;
use crate::time::DjangoTime;
use crate::write::Commit;
use crate::{SocialAccount, Store, StoreError, user_lock};

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
    /// The tokens that a client has for an account.
    pub async fn social_token(
        &self,
        account: &SocialAccount,
        client_id: &str,
    ) -> Result<Option<SocialToken>, StoreError> {
        let app_id = app_of(self.reader(), account, client_id).await?;
        let row = Entity::find().filter(of(account.id, app_id)).one(self.reader()).await?;
        Ok(row.map(SocialToken::from))
    }

    /// Keeps the tokens that a client has for an account in place of those before.
    pub async fn keep_social_token(
        &self,
        account: &SocialAccount,
        client_id: &str,
        token: &SocialToken,
    ) -> Result<(), StoreError> {
        self.write(|tx| async move {
            // The column of the app may be NULL, which no unique index compares: one writer at a time.
            user_lock::lock(&tx, account.user_id).await?;
            let app_id = app_of(&tx, account, client_id).await?;
            let SocialToken { token, token_secret, expires_at } = token.clone();
            let values = ActiveModel {
                id: NotSet,
                token: Set(token),
                token_secret: Set(token_secret),
                expires_at: Set(expires_at.map(DjangoTime)),
                account_id: Set(account.id.into()),
                app_id: Set(app_id),
            };
            let row = Entity::update_many().set(values.clone()).filter(of(account.id, app_id));
            if row.exec(&tx).await?.rows_affected == 0 {
                Entity::insert(values).exec_without_returning(&tx).await?;
            }
            Ok(Commit(()))
        })
        .await
    }

    /// Forgets all tokens of an account.
    pub async fn forget_social_tokens(&self, account_id: i64) -> Result<(), StoreError> {
        let tokens = Entity::delete_many().filter(Column::AccountId.eq(account_id));
        tokens.exec(self.writer()).await?;
        Ok(())
    }
}

/// The app of a client in Django's own table; none if it is configured in a file, as in allauth.
async fn app_of<C: ConnectionTrait>(
    db: &C,
    account: &SocialAccount,
    client_id: &str,
) -> Result<Option<Id>, DbErr> {
    let provider = &*account.provider;
    let of_provider = app::Column::Provider.eq(provider).or(app::Column::ProviderId.eq(provider));
    let apps =
        app::Entity::find().filter(of_provider).order_by_asc(app::Column::Id).all(db).await?;
    // allauth takes several ids of one app as one text.
    let is_ours = |app: &app::Model| app.client_id.split(',').any(|id| id.trim() == client_id);
    Ok(apps.into_iter().find(is_ours).map(|app| app.id))
}

fn of(account_id: i64, app_id: Option<Id>) -> SimpleExpr {
    let of_app = match app_id {
        Some(id) => Column::AppId.eq(id),
        None => Column::AppId.is_null(),
    };
    Column::AccountId.eq(account_id).and(of_app)
}
