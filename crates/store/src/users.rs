//! Finding users. Every statement here but that of a page reads a user and the epoch together.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use crate::addresses::Address;
use crate::entity::account_emailaddress as address;
use crate::entity::auth_user::{self, Column, Entity};
use crate::entity::rest_auth_user as epoch;
use crate::ignoring_case::{is_ignoring_case, is_named_another};
use crate::prepared::PreparedQuery;
use crate::user::{FromUserRow, UserRow};
use crate::{SameName, Store, StoreError, User, UserWithPassword, claims, with_user};

/// The user of a primary key.
static BY_ID: PreparedQuery<Select<Entity>, 1> =
    PreparedQuery::new(|[id]| Entity::find().filter(Column::Id.eq(id)));

/// More users of one name or address are not looked at.
pub(crate) const MOST_MATCHES: u64 = 50;

/// Why a user was found by an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// The user has verified the address.
    VerifiedAddress,
    /// The user has the address without having verified it.
    UnverifiedAddress,
    /// Only the user's own column has it, as with users that Django's admin made.
    UserEmail,
}

/// A user found by an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailMatch<U = User> {
    /// The user.
    pub user: U,
    /// What matched.
    pub via: MatchedBy,
}

impl Store {
    /// Finds a user by primary key.
    pub async fn user_by_id(&self, id: i64) -> Result<Option<User>, StoreError> {
        Ok(with_user::prepared_user(self.reader(), &BY_ID, [id.into()]).await?)
    }

    /// Finds a user by primary key, with the hash of their password.
    pub async fn user_with_password(
        &self,
        id: i64,
    ) -> Result<Option<UserWithPassword>, StoreError> {
        Ok(with_user::prepared_user(self.reader(), &BY_ID, [id.into()]).await?)
    }

    /// Finds the user of exactly this name.
    pub async fn user_by_username<U: FromUserRow>(
        &self,
        username: &str,
    ) -> Result<Option<U>, StoreError> {
        let found = Entity::find().filter(Column::Username.eq(username));
        let found: Option<U> = with_user::user(self, found).await?;
        // MySQL's collations take `ada`, `ADA` and `äda` for the same.
        Ok(found.filter(|found| found.user().username == username))
    }

    /// Finds the users of this name as Django's `iexact` does: ignoring all case on PostgreSQL,
    /// that of ASCII letters on SQLite, and what the collation ignores on MySQL. They are
    /// candidates, at most 50; the caller compares again if the difference matters.
    pub async fn users_by_username_insensitive<U: FromUserRow>(
        &self,
        username: &str,
    ) -> Result<Vec<U>, StoreError> {
        let found =
            Entity::find().filter(is_ignoring_case(self.backend(), Column::Username, username));
        let found = found.order_by_asc(Column::Id).limit(MOST_MATCHES);
        Ok(with_user::users(self, found).await?)
    }

    /// Finds the users of an address, given in lower case: verified owners first, then users who
    /// have not verified it, then those who have it only in their own column. At most 50 of each.
    pub async fn users_by_email<U: FromUserRow>(
        &self,
        address: &str,
    ) -> Result<Vec<EmailMatch<U>>, StoreError> {
        let mut found: Vec<EmailMatch<U>> = Vec::new();
        let is_known = |found: &[EmailMatch<U>], user: &U| {
            found.iter().any(|known| known.user.user().id == user.user().id)
        };
        let rows = if self.has_addresses() { self.rows_with_users(address).await? } else { vec![] };
        for (row, user) in rows {
            let (row, Some(user)) = (Address::from(row), user) else { continue };
            if row.email == address && !is_known(&found, &user) {
                let via = if row.verified {
                    MatchedBy::VerifiedAddress
                } else {
                    MatchedBy::UnverifiedAddress
                };
                found.push(EmailMatch { user, via });
            }
        }
        // Also after a verified owner was found, whom nobody else can precede: the number of
        // statements must not tell whether an address has one. An index of ours serves it.
        for user in self.users_by_own_email(address).await? {
            if !is_known(&found, &user) {
                found.push(EmailMatch { user, via: MatchedBy::UserEmail });
            }
        }
        Ok(found)
    }

    async fn rows_with_users<U: FromUserRow>(
        &self,
        address: &str,
    ) -> Result<Vec<(address::Model, Option<U>)>, StoreError> {
        let rows = address::Entity::find()
            .filter(address::Column::Email.eq(address))
            .order_by_desc(address::Column::Verified)
            .order_by_asc(address::Column::Id)
            .limit(MOST_MATCHES)
            .find_also_related(auth_user::Entity);
        Ok(with_user::all(self, rows).await?)
    }

    /// Whether a user other than `excluding` has the same name. Of names that Django wrote, case is
    /// ignored as far as the database ignores it.
    pub async fn username_taken(
        &self,
        username: &str,
        same: SameName,
        excluding: Option<i64>,
    ) -> Result<bool, StoreError> {
        let db = self.reader();
        Ok(is_named_another(db, self.backend(), username, excluding).await?
            || claims::is_username_claimed(db, username, same, excluding).await?)
    }

    /// The next users after an id, in the order of ids.
    pub async fn list_users(&self, after_id: i64, limit: u64) -> Result<Vec<User>, StoreError> {
        let page = Entity::find().filter(Column::Id.gt(after_id));
        let page = page.order_by_asc(Column::Id).limit(limit).all(self.reader()).await?;
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(Vec::new()) };
        // Joined, they could be read from the first user on.
        let epochs = epoch::Entity::find()
            .filter(epoch::Column::UserId.between(first.id, last.id))
            .all(self.reader())
            .await?;
        let mut epochs: HashMap<_, _> = epochs.into_iter().map(|row| (row.user_id, row)).collect();
        let users = page.into_iter().map(|row| {
            let epoch = epochs.remove(&row.id.0);
            User::from_row(UserRow::new(row, epoch))
        });
        Ok(users.collect())
    }

    async fn users_by_own_email<U: FromUserRow>(
        &self,
        address: &str,
    ) -> Result<Vec<U>, StoreError> {
        let found = Entity::find().filter(Column::Email.eq(address));
        let found = found.order_by_asc(Column::Id).limit(MOST_MATCHES);
        let mut found: Vec<U> = with_user::users(self, found).await?;
        found.retain(|found| found.user().email == address);
        Ok(found)
    }
}
