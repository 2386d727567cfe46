//! Finding users by the column of their address alone: by what tokens name them, and in projects
//! without allauth, which have no address records.

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::entity::auth_user::{Column, Entity};
use crate::ignoring_case::is_ignoring_case;
use crate::user::FromUserRow;
use crate::users::MOST_MATCHES;
use crate::{Store, StoreError, User, with_user};

impl Store {
    /// Finds the user whose own column has exactly this address. `None`: nobody, or several users.
    pub async fn only_user_with_email(&self, address: &str) -> Result<Option<User>, StoreError> {
        let found = Entity::find().filter(Column::Email.eq(address)).limit(MOST_MATCHES);
        let mut found: Vec<User> = with_user::users(self, found).await?;
        // MySQL's collations find more than was asked for.
        found.retain(|user| user.email == address);
        Ok(found.pop().filter(|_| found.is_empty()))
    }

    /// Finds the users whose own column has this address, ignoring case as Django's `iexact` does
    /// on this database. At most 50.
    pub async fn users_by_own_email_insensitive<U: FromUserRow>(
        &self,
        address: &str,
    ) -> Result<Vec<U>, StoreError> {
        let has_address = is_ignoring_case(self.backend(), Column::Email, address);
        let found = Entity::find().filter(has_address).order_by_asc(Column::Id).limit(MOST_MATCHES);
        Ok(with_user::users(self, found).await?)
    }
}
