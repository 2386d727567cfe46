//! Columns of our tables, of the types that the store reads and writes on each database. A
//! column takes no NULL unless [`ColumnDef::null`] is called on it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A primary key that the database generates.
pub(crate) fn generated_key(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().auto_increment().primary_key().take()
}

/// An integer of 64 bits, such as a user's id.
pub(crate) fn integer(name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    // Sea-query would write `integer` on SQLite. Both hold 64 bits; `bigint` is Django's word.
    column.custom("bigint").not_null().take()
}

/// Text of at most `length` characters, in the collation of the database.
pub(crate) fn string(name: &'static str, length: u32) -> ColumnDef {
    ColumnDef::new(name).string_len(length).not_null().take()
}

/// Makes the columns whose types differ between databases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns(DbBackend);

impl Columns {
    /// Columns for the database that is being migrated.
    pub(crate) fn of(manager: &SchemaManager<'_>) -> Self {
        Self(manager.get_database_backend())
    }

    /// A moment in UTC with microseconds.
    ///
    /// On SQLite it is text in Django's form. MySQL's TIMESTAMP ends in 2038 and drops fractions.
    pub(crate) fn datetime(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.0 {
            DbBackend::Postgres => column.timestamp_with_time_zone(),
            DbBackend::MySql => column.custom("datetime(6)"),
            _ => column.custom("datetime"),
        };
        column.not_null().take()
    }

    /// Text of at most `length` characters that compares byte for byte: a token, a digest or a
    /// name. MySQL's usual collations take upper for lower case and `é` for `e`.
    pub(crate) fn exact(self, name: &'static str, length: u32) -> ColumnDef {
        let mut column = string(name, length);
        if self.0 == DbBackend::MySql {
            column.custom(format!("varchar({length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"));
        }
        column
    }

    /// Text of any length. MySQL's `text` ends at 64 KiB.
    pub(crate) fn text(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.0 {
            DbBackend::MySql => column.custom("longtext"),
            _ => column.text(),
        };
        column.not_null().take()
    }
}
