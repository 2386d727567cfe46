//! SQL statements that neither entities nor sea-query can express, each with its reason. There is
//! no other SQL text in this crate.

use sea_orm::{DbBackend, FromQueryResult, Statement};

/// A foreign key to `auth_user`.
#[derive(Debug, FromQueryResult)]
#[expect(clippy::struct_field_names, reason = "the statements name their columns so")]
pub(crate) struct Reference {
    /// The schema of the table, unless names are looked up there anyway.
    pub(crate) schema_name: Option<String>,
    /// The table that refers to users.
    pub(crate) table_name: String,
    /// Its column.
    pub(crate) column_name: String,
}

impl Reference {
    /// The name of the table, as people write it.
    pub(crate) fn name(&self) -> String {
        match &self.schema_name {
            Some(schema) => format!("{schema}.{}", self.table_name),
            None => self.table_name.clone(),
        }
    }
}

/// The foreign keys to `auth_user`, those of tables that no entity describes among them: only the
/// catalogue has them.
pub(crate) fn references_to_users(backend: DbBackend) -> Statement {
    let text = match backend {
        DbBackend::Postgres => REFERENCES_POSTGRES,
        DbBackend::MySql => REFERENCES_MYSQL,
        _ => REFERENCES_SQLITE,
    };
    Statement::from_string(backend, text)
}

/// A table-valued function that takes a column of another table: sea-query has none.
const REFERENCES_SQLITE: &str = r#"
    SELECT NULL AS schema_name, m.name AS table_name, f."from" AS column_name
    FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
    WHERE m.type = 'table' AND f."table" = 'auth_user'"#;

/// Elements of arrays and casts to `regclass`: sea-query has none. `information_schema` would leave
/// out the constraints of tables that belong to another role.
const REFERENCES_POSTGRES: &str = "
    SELECT CASE WHEN pg_table_is_visible(t.oid) THEN NULL ELSE n.nspname::text END AS schema_name,
        t.relname::text AS table_name, a.attname::text AS column_name
    FROM pg_constraint k
    JOIN pg_class t ON t.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND k.confrelid = to_regclass('auth_user')";

/// Conversion to a character set, without which MySQL 8 answers in a binary type: sea-query has
/// none.
const REFERENCES_MYSQL: &str = "
    SELECT NULL AS schema_name, CONVERT(table_name USING utf8mb4) AS table_name,
        CONVERT(column_name USING utf8mb4) AS column_name
    FROM information_schema.key_column_usage
    WHERE referenced_table_schema = DATABASE() AND table_schema = DATABASE()
        AND referenced_table_name = 'auth_user'";
