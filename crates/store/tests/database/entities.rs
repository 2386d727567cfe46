//! The entities say of their tables what the migrations made.

use std::collections::{BTreeMap, BTreeSet};

use rest_auth_store::Backend;
use rest_auth_store::testing::{TestDatabase, entities};
use sea_orm::{ConnectionTrait, Statement};

/// The tables that no entity describes, each with the reason.
const WITHOUT_ENTITY: [(&str, &str); 9] = [
    ("auth_group", "groups are Django's admin's"),
    ("auth_group_permissions", "permissions are Django's admin's"),
    ("auth_permission", "permissions are Django's admin's"),
    ("django_content_type", "Django's admin fills it"),
    ("django_migrations", "`migration` fills it"),
    ("rest_auth_migration", "the ledger of `migration`"),
    ("rest_auth_migration_lock", "the lock of `migration` on MySQL"),
    ("socialaccount_socialapp_sites", "providers come from the configuration"),
    ("sqlite_sequence", "SQLite's own"),
];

/// The columns of every table, as the database's own catalogue lists them.
async fn catalogue(
    database: &TestDatabase,
    backend: Backend,
) -> BTreeMap<String, BTreeSet<String>> {
    let text = match backend {
        Backend::Sqlite => {
            "SELECT m.name AS t, c.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table'"
        }
        Backend::Postgres => {
            "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns \
             WHERE table_schema = current_schema()"
        }
        Backend::Mysql => {
            "SELECT CONVERT(table_name USING utf8mb4) AS t, CONVERT(column_name USING utf8mb4) AS c \
             FROM information_schema.columns WHERE table_schema = DATABASE()"
        }
    };
    let db = database.raw().await.unwrap();
    let statement = Statement::from_string(db.get_database_backend(), text);
    let mut found = BTreeMap::<String, BTreeSet<String>>::new();
    for row in db.query_all_raw(statement).await.unwrap() {
        let columns = found.entry(row.try_get("", "t").unwrap()).or_default();
        columns.insert(row.try_get("", "c").unwrap());
    }
    found
}

async fn every_table_has_an_entity_or_a_reason(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let entities = entities();
    let tables = catalogue(database, store.backend()).await;
    for table in entities.keys() {
        assert!(tables.contains_key(*table), "nobody makes {table}");
    }
    for table in tables.keys() {
        let excused = WITHOUT_ENTITY.iter().any(|(excused, _)| excused == table);
        let described = entities.contains_key(table.as_str());
        assert!(described != excused, "{table}: described {described}, excused {excused}");
    }
}

async fn every_column_is_there_and_none_of_ours_is_forgotten(database: &TestDatabase) {
    let store = database.store().await.unwrap();
    let tables = catalogue(database, store.backend()).await;
    for (table, columns) in entities() {
        let columns: BTreeSet<_> = columns.into_iter().map(str::to_owned).collect();
        let made = &tables[table];
        let unmade: Vec<_> = columns.difference(made).collect();
        assert!(unmade.is_empty(), "{table} has no {unmade:?}");
        if table.starts_with("rest_auth_") {
            let forgotten: Vec<_> = made.difference(&columns).collect();
            assert!(forgotten.is_empty(), "the entity of {table} forgets {forgotten:?}");
        }
    }
}

mod on {
    crate::on_every_database!(
        every_table_has_an_entity_or_a_reason,
        every_column_is_there_and_none_of_ours_is_forgotten,
    );
}
