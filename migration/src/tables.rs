//! Creates a table of ours with its indexes.
//!
//! These tables refer to `auth_user` without a foreign key, so that Django's admin can delete a
//! user without knowing of them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Creates what does not exist yet of a table and its indexes.
///
/// MySQL has no `CREATE INDEX IF NOT EXISTS` and keeps every statement by itself. There the indexes
/// are part of the table, so that a step which broke off can be run again.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn create<const N: usize>(
    manager: &SchemaManager<'_>,
    mut table: TableCreateStatement,
    mut indexes: [IndexCreateStatement; N],
) -> Result<(), DbErr> {
    table.if_not_exists();
    if manager.get_database_backend() == DbBackend::MySql {
        for index in &mut indexes {
            table.index(index);
        }
        table.engine("InnoDB").character_set("utf8mb4");
        return manager.create_table(table).await;
    }
    manager.create_table(table).await?;
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// An index over some columns of a table, named after both.
pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    over(table, columns).name(format!("ix_{table}_{}", columns.join("_"))).take()
}

/// A rule that the values of some columns of a table are unique together, named after both. The
/// store tells by the name which rule was broken.
pub(crate) fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    over(table, columns).unique().name(format!("uq_{table}_{}", columns.join("_"))).take()
}

/// The primary key of a table that has more than one column in it.
pub(crate) fn primary_key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create();
    for column in columns {
        key.col(*column);
    }
    key.primary().take()
}

fn over(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    for column in columns {
        index.col(*column);
    }
    index.table(table).if_not_exists().take()
}
