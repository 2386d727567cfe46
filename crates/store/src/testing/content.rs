//! Everything that is in a database, for tests that must tell what was changed.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

/// A row: column to value as an SQL literal.
pub type Row = BTreeMap<String, String>;

/// What a SQLite database holds: table to rows, in no order that means anything. How tables and
/// indexes are made is in the rows of `sqlite_master`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(pub BTreeMap<String, Vec<Row>>);

impl Content {
    /// Reads the file at a `sqlite:` URL.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(url: &str) -> Result<Self, DbErr> {
        let mut options = sea_orm::ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let db = sea_orm::Database::connect(options).await?;
        let mut tables = column(&db, "SELECT name FROM sqlite_master WHERE type = 'table'").await?;
        tables.push("sqlite_master".to_owned());
        let mut content = BTreeMap::new();
        for table in tables {
            let rows = rows_of(&db, &table).await?;
            content.insert(table, rows);
        }
        db.close().await?;
        Ok(Self(content))
    }

    /// What another content has more (`+`) and less (`-`) than this one.
    #[must_use]
    pub fn changes_to(&self, other: &Self) -> Vec<String> {
        let of = |content: &Self, table: &str| content.0.get(table).cloned().unwrap_or_default();
        let mut changes = Vec::new();
        let tables: std::collections::BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        for table in tables {
            let (before, after) = (of(self, table), of(other, table));
            let gone = before.iter().filter(|row| !after.contains(row));
            changes.extend(gone.map(|row| format!("- {table}: {row:?}")));
            let new = after.iter().filter(|row| !before.contains(row));
            changes.extend(new.map(|row| format!("+ {table}: {row:?}")));
        }
        changes
    }
}

async fn rows_of(db: &DatabaseConnection, table: &str) -> Result<Vec<Row>, DbErr> {
    // A page number says where something is, not what it is.
    let columns = format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'rootpage'");
    let columns = column(db, &columns).await?;
    let values: Vec<_> = columns.iter().map(|column| format!(r#"quote("{column}")"#)).collect();
    let sql = format!(r#"SELECT {} FROM "{table}""#, values.join(", "));
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let read = rows.iter().map(|row| {
        let cells = columns.iter().enumerate();
        cells.map(|(at, column)| Ok((column.clone(), row.try_get_by_index(at)?))).collect()
    });
    read.collect()
}

async fn column(db: &DatabaseConnection, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
