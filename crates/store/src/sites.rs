//! `django_site`: what Django calls the site.

use sea_orm::FromQueryResult;

use crate::{Store, StoreError, sql};

const BY_ID: &str = r#"SELECT "name", "domain" FROM "django_site" WHERE "id" = ?"#;

/// A row of `django_site`.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Site {
    /// What people call it.
    pub name: String,
    /// Its host, with a port if need be.
    pub domain: String,
}

impl Store {
    /// A site; none where Django runs without its sites, which have a table only in projects that
    /// ask for it.
    pub async fn site(&self, id: i64) -> Result<Option<Site>, StoreError> {
        if !rest_auth_migration::has_table(self.reader(), "django_site").await? {
            return Ok(None);
        }
        Ok(sql::one(self.reader(), BY_ID, [id.into()]).await?)
    }
}
