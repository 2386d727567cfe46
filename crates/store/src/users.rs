//! Finding users. Every statement here reads a user and the epoch together.

use sea_orm::sea_query::Value;

use crate::addresses::Address;
use crate::entity::address::{AddressRow, address_columns};
use crate::entity::user::{UserRow, WithUser, user_columns, with_epoch};
use crate::{Backend, Store, StoreError, User, sql};

macro_rules! select_user {
    ($rest:literal) => {
        concat!("SELECT ", user_columns!(), r#" FROM "auth_user""#, with_epoch!(), $rest)
    };
}

const BY_ID: &str = select_user!(r#"WHERE "auth_user"."id" = ?"#);
const BY_USERNAME: &str = select_user!(r#"WHERE "auth_user"."username" = ?"#);
const BY_USERNAME_UPPER: &str = select_user!(
    r#"WHERE UPPER("auth_user"."username") = UPPER(?) ORDER BY "auth_user"."id" LIMIT 50"#
);
const BY_USERNAME_LIKE: &str = select_user!(
    r#"WHERE "auth_user"."username" LIKE ? ESCAPE '!' ORDER BY "auth_user"."id" LIMIT 50"#
);
const BY_EMAIL: &str =
    select_user!(r#"WHERE "auth_user"."email" = ? ORDER BY "auth_user"."id" LIMIT 50"#);
const PAGE: &str = select_user!(r#"WHERE "auth_user"."id" > ? ORDER BY "auth_user"."id" LIMIT ?"#);
const BY_ADDRESS: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    address_columns!(),
    r#" FROM "account_emailaddress" JOIN "auth_user" "#,
    r#"ON "auth_user"."id" = "account_emailaddress"."user_id""#,
    with_epoch!(),
    r#"WHERE "account_emailaddress"."email" = ? "#,
    r#"ORDER BY "account_emailaddress"."verified" DESC, "account_emailaddress"."id" LIMIT 50"#
);
const USERNAME_TAKEN_UPPER: &str = r#"SELECT "id" FROM "auth_user"
    WHERE UPPER("username") = UPPER(?) AND "id" <> ? LIMIT 1"#;
const USERNAME_TAKEN_LIKE: &str = r#"SELECT "id" FROM "auth_user"
    WHERE "username" LIKE ? ESCAPE '!' AND "id" <> ? LIMIT 1"#;

/// Why a user was found by an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// The user has proven to own the address.
    VerifiedAddress,
    /// The user has named the address.
    UnverifiedAddress,
    /// Only the user's own column has it, as with users that Django's admin made.
    UserEmail,
}

/// A user found by an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailMatch {
    /// The user.
    pub user: User,
    /// What matched.
    pub via: MatchedBy,
}

impl Store {
    /// Finds a user by primary key.
    pub async fn user_by_id(&self, id: i64) -> Result<Option<User>, StoreError> {
        let row = sql::one::<UserRow, _>(self.reader(), BY_ID, [id.into()]).await?;
        Ok(row.map(User::from))
    }

    /// Finds the user of exactly this name.
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, StoreError> {
        let row = sql::one::<UserRow, _>(self.reader(), BY_USERNAME, [username.into()]).await?;
        // MySQL's collations take `ada`, `ADA` and `äda` for the same.
        Ok(row.map(User::from).filter(|user| user.username == username))
    }

    /// Finds the users of this name as Django's `iexact` does: ignoring all case on PostgreSQL,
    /// that of ASCII letters on SQLite, and what the collation ignores on MySQL. They are
    /// candidates, at most 50; whoever cares about the difference compares again.
    pub async fn users_by_username_insensitive(
        &self,
        username: &str,
    ) -> Result<Vec<User>, StoreError> {
        let (sql, value) = self.ignoring_case(BY_USERNAME_UPPER, BY_USERNAME_LIKE, username);
        let rows = sql::all::<UserRow, _>(self.reader(), sql, [value]).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// Finds the users of an address, given in lower case: verified owners first, then those who
    /// have merely named it, then those who have it only in their own column. At most 50 of each.
    pub async fn users_by_email(&self, address: &str) -> Result<Vec<EmailMatch>, StoreError> {
        let mut found: Vec<EmailMatch> = Vec::new();
        let rows = sql::all::<WithUser<AddressRow>, _>(self.reader(), BY_ADDRESS, [address.into()]);
        for WithUser(row, user) in rows.await? {
            let row = Address::from(row);
            if row.email == address && found.iter().all(|known| known.user.id != user.id) {
                let via = if row.verified {
                    MatchedBy::VerifiedAddress
                } else {
                    MatchedBy::UnverifiedAddress
                };
                found.push(EmailMatch { user, via });
            }
        }
        for user in self.users_by_own_email(address).await? {
            if found.iter().all(|known| known.user.id != user.id) {
                found.push(EmailMatch { user, via: MatchedBy::UserEmail });
            }
        }
        Ok(found)
    }

    /// Whether anybody has this address, given in lower case, verified or not.
    pub async fn email_in_use(&self, address: &str) -> Result<bool, StoreError> {
        Ok(!self.users_by_email(address).await?.is_empty())
    }

    /// Whether another user has this name, ignoring case as far as the database does.
    pub async fn username_taken(
        &self,
        username: &str,
        excluding: Option<i64>,
    ) -> Result<bool, StoreError> {
        let (sql, value) = self.ignoring_case(USERNAME_TAKEN_UPPER, USERNAME_TAKEN_LIKE, username);
        // No user has the id 0.
        let excluded = excluding.unwrap_or(0).into();
        Ok(sql::exists(self.reader(), sql, [value, excluded]).await?)
    }

    /// Finds users by name, address or id, as an administrator types them: the first of the three
    /// that finds anybody decides. Only an address can find several.
    pub async fn find_users(&self, text: &str) -> Result<Vec<User>, StoreError> {
        if let Some(user) = self.user_by_username(text).await? {
            return Ok(vec![user]);
        }
        let found = self.users_by_email(&text.to_lowercase()).await?;
        if !found.is_empty() {
            return Ok(found.into_iter().map(|found| found.user).collect());
        }
        match text.parse() {
            Ok(id) => Ok(self.user_by_id(id).await?.into_iter().collect()),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// The next users after an id, in the order of ids.
    pub async fn list_users(&self, after_id: i64, limit: u64) -> Result<Vec<User>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = sql::all::<UserRow, _>(self.reader(), PAGE, [after_id.into(), limit.into()]);
        Ok(rows.await?.into_iter().map(User::from).collect())
    }

    async fn users_by_own_email(&self, address: &str) -> Result<Vec<User>, StoreError> {
        let rows = sql::all::<UserRow, _>(self.reader(), BY_EMAIL, [address.into()]).await?;
        Ok(rows.into_iter().map(User::from).filter(|user| user.email == address).collect())
    }

    /// The statement and parameter that compare a name as Django's `iexact` does here.
    fn ignoring_case(
        &self,
        upper: &'static str,
        like: &'static str,
        name: &str,
    ) -> (&'static str, Value) {
        match self.backend() {
            Backend::Postgres => (upper, name.into()),
            Backend::Sqlite | Backend::Mysql => (like, escape_like(name).into()),
        }
    }
}

/// The pattern that LIKE takes literally.
fn escape_like(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape_like;

    #[test]
    fn a_name_is_never_a_pattern() {
        assert_eq!(escape_like("50%_off!"), "50!%!_off!!");
    }
}
