//! `django_site`: the name of the site in Django.

use sea_orm::EntityTrait as _;

use crate::entity::django_site::{Entity, Model};
use crate::{Store, StoreError};

/// A row of `django_site`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its display name.
    pub name: String,
    /// Its host, with a port if need be.
    pub domain: String,
}

impl From<Model> for Site {
    fn from(row: Model) -> Self {
        // The caller has the key.
        let Model { id: _, domain, name } = row;
        Self { name, domain }
    }
}

impl Store {
    /// A site; none where Django runs without its sites, which have a table only in projects that
    /// ask for it.
    pub async fn site(&self, id: i64) -> Result<Option<Site>, StoreError> {
        if !rest_auth_migration::has_table(self.reader(), "django_site").await? {
            return Ok(None);
        }
        Ok(Entity::find_by_id(id).one(self.reader()).await?.map(Site::from))
    }
}
