//! What one login has handed out: an API token or a refresh family, and a session. The column
//! `login` of their tables holds them together, and they end together.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::entity::{
    rest_auth_refresh_family as family, rest_auth_session as session, rest_auth_token as token,
};
use crate::write::Commit;
use crate::{Store, StoreError, refresh_families};

/// A login that has handed out credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user who logged in.
    pub user_id: i64,
    /// Its identifier, at most 32 characters.
    pub id: String,
}

impl Store {
    /// Ends everything that a login has handed out. `true`: a refresh family was among it.
    pub async fn end_login(&self, login: &Login, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let Login { user_id, id } = login;
        self.write(|tx| async move {
            let tokens = token::Column::UserId.eq(*user_id).and(token::Column::Login.eq(id));
            token::Entity::delete_many().filter(tokens).exec(&tx).await?;
            let sessions = session::Column::UserId.eq(*user_id).and(session::Column::Login.eq(id));
            session::Entity::delete_many().filter(sessions).exec(&tx).await?;
            let families = family::Column::UserId.eq(*user_id).and(family::Column::Login.eq(id));
            let ended = refresh_families::revoke(&tx, families, now).await?;
            Ok(Commit(ended > 0))
        })
        .await
    }

    /// The login that a refresh family began with. `None`: there is no such family, or it is older
    /// than this record.
    pub async fn login_of_family(&self, id: &str) -> Result<Option<Login>, StoreError> {
        let found = family::Entity::find_by_id(id).one(self.reader()).await?;
        Ok(found.and_then(|family| Some(Login { user_id: family.user_id, id: family.login? })))
    }
}
