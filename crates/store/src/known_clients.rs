//! `rest_auth_known_client`: which clients a user has logged in from, as digests.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
};

use crate::entity::auth_user;
use crate::entity::rest_auth_known_client::{ActiveModel, Column, Entity, Model};
use crate::outgoing::{self, Outgoing};
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError, Unique};

/// A client that a user logs in from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownClient {
    /// The user.
    pub user_id: i64,
    /// What the client is recognized by: 64 characters at most.
    pub digest: String,
}

/// How well a client is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientRecognition {
    /// The user has not logged in from any client yet.
    First,
    /// The user has logged in from others.
    Stranger,
    /// The user has logged in from it.
    Known {
        /// When that was last noted.
        last_seen_at: DateTime<Utc>,
    },
}

impl Store {
    /// Finds out how well a client is known, with one query.
    pub async fn recognize_client(
        &self,
        client: &KnownClient,
    ) -> Result<ClientRecognition, StoreError> {
        // The row of the client if there is one, else any row of the user.
        let this_first = CaseStatement::new().case(Column::Digest.eq(client.digest.as_str()), 0);
        let this_first: Expr = this_first.finally(1).into();
        let clients = Entity::find().filter(Column::UserId.eq(client.user_id));
        let row = clients.order_by(this_first, Order::Asc).one(self.reader()).await?;
        Ok(match row {
            None => ClientRecognition::First,
            Some(Model { user_id: _, digest, last_seen_at }) if digest == client.digest => {
                ClientRecognition::Known { last_seen_at: last_seen_at.0 }
            }
            Some(_) => ClientRecognition::Stranger,
        })
    }

    /// Remembers a client and puts the mails about it into the outbox: both or neither. Of any
    /// number of concurrent calls one returns `true`, and only its mails are stored.
    pub async fn remember_client(
        &self,
        client: &KnownClient,
        outgoing: &Outgoing,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            let KnownClient { user_id, digest } = client.clone();
            let row = Entity::insert(ActiveModel {
                user_id: Set(user_id),
                digest: Set(digest),
                last_seen_at: Set(now.into()),
            });
            match row.exec_without_returning(&tx).await.map_err(StoreError::from) {
                Ok(_) => {}
                Err(StoreError::Taken(Unique::Token)) => return Ok(RollBack(false)),
                Err(error) => return Err(error),
            }
            outgoing::insert(&tx, outgoing).await?;
            Ok(Commit(true))
        })
        .await
    }

    /// Records that a client was seen again. `false`: it is not known.
    pub async fn touch_known_client(
        &self,
        client: &KnownClient,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let seen = ActiveModel { last_seen_at: Set(now.into()), ..Default::default() };
        let row = Entity::update_many()
            .set(seen)
            .filter(Column::UserId.eq(client.user_id))
            .filter(Column::Digest.eq(client.digest.as_str()));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Deletes clients that were not seen since a moment, and returns how many. If none of a user's
    /// clients was seen since, all are kept. Otherwise an unknown client would count as the first
    /// one of an account that was not used for long.
    pub async fn delete_old_known_clients(&self, until: DateTime<Utc>) -> Result<u64, StoreError> {
        let recent = Entity::find().select_only().column(Column::UserId).distinct();
        let recent = recent.filter(Column::LastSeenAt.gt(until)).into_query();
        // MySQL reads a table that it deletes from only through a table in between.
        let recent = Query::select().column(Column::UserId).from_subquery(recent, "recent").take();
        let used = Column::UserId.in_subquery(recent);
        // A list of all users would always be read whole.
        let owner = auth_user::Entity::find().select_only().column(auth_user::Column::Id);
        let id = Expr::col((auth_user::Entity, auth_user::Column::Id));
        let owner = owner.filter(id.equals((Entity, Column::UserId))).into_query();
        let orphaned = Expr::exists(owner).not();
        let old = Entity::delete_many().filter(Column::LastSeenAt.lte(until));
        let old = old.filter(used.or(orphaned));
        Ok(old.exec(self.writer()).await?.rows_affected)
    }
}
