//! The refresh families that are alive, as a user sees them among their logins.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::device_tokens::TokenClient;
use crate::entity::{rest_auth_refresh_family as family, rest_auth_refresh_token as token};
use crate::time::DjangoTime;
use crate::{Store, StoreError};

/// A family that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveFamily {
    /// Its identifier, the claim `sid`.
    pub id: String,
    /// The user's epoch when it was issued, or last kept.
    pub epoch: i64,
    /// When the user logged in.
    pub created_at: DateTime<Utc>,
    /// When its newest refresh token was issued.
    pub last_refreshed_at: DateTime<Utc>,
    /// When its newest refresh token ends, or the family does.
    pub ends_at: DateTime<Utc>,
    /// The client that it was issued to.
    pub client: TokenClient,
    /// The login that it was handed out by.
    pub login: Option<String>,
    /// What was proven, as JSON.
    pub evidence: Option<String>,
}

/// The newest token of a family.
#[derive(FromQueryResult)]
struct Newest {
    family_id: String,
    issued_at: Option<DjangoTime>,
    expires_at: Option<DjangoTime>,
}

impl Store {
    /// What was proven with a family, as JSON.
    pub async fn family_evidence(&self, id: &str) -> Result<Option<String>, StoreError> {
        let row = family::Entity::find_by_id(id).one(self.reader()).await?;
        Ok(row.and_then(|row| row.evidence))
    }

    /// The families of a user that are alive, oldest first.
    pub async fn live_families_of(
        &self,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<LiveFamily>, StoreError> {
        let alive = family::Column::UserId
            .eq(user_id)
            .and(family::Column::RevokedAt.is_null())
            .and(family::Column::EndsAt.gt(now));
        let families = family::Entity::find().filter(alive.clone());
        let families = families.order_by_asc(family::Column::CreatedAt).all(self.reader()).await?;
        let newest = token::Entity::find()
            .inner_join(family::Entity)
            .filter(alive)
            .select_only()
            .column(token::Column::FamilyId)
            .column_as(token::Column::IssuedAt.max(), "issued_at")
            .column_as(token::Column::ExpiresAt.max(), "expires_at")
            .group_by(token::Column::FamilyId)
            .into_model::<Newest>()
            .all(self.reader())
            .await?;
        let of = |id: &str| newest.iter().find(|token| token.family_id == id);
        let live = families.into_iter().filter_map(|family| {
            let newest = of(&family.id)?;
            let ends_at = Ord::min(newest.expires_at?.0, family.ends_at.0);
            Some(LiveFamily {
                last_refreshed_at: newest.issued_at?.0,
                ends_at,
                id: family.id,
                epoch: family.epoch,
                created_at: family.created_at.0,
                client: TokenClient { user_agent: family.user_agent, ip: family.ip },
                login: family.login,
                evidence: family.evidence,
            })
        });
        Ok(live.filter(|family| family.ends_at > now).collect())
    }
}
