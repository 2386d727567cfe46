//! Databases that the tests of many processes use one after another.
//!
//! To make a database with the schema, and to remove it, takes a server longer than most tests. So
//! each stays where it is and is emptied for the next test, whichever process that runs in. There
//! are as many as tests ever ran at the same time. The lock on a file says that one is in use; the
//! file itself, under which schema it was made.

use std::fs::{File, TryLockError};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::sync::Arc;

use sea_orm::DbErr;

use super::pool::Used;
use super::{Database, TestDatabase};
use crate::Backend;

/// The schema that the migrations of this build make.
const SCHEMA: &str = env!("REST_AUTH_TEST_SCHEMA");

/// A database that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    number: u32,
    /// Holds the lock, which the operating system takes back if the process dies.
    file: File,
}

impl TestDatabase {
    /// A database with the schema up to date and nothing in it. On a server it has perhaps been
    /// used before and stays there afterwards: tests that change the schema take a
    /// [`fresh`](Self::fresh) one. `None` as there.
    ///
    /// # Panics
    /// When the server refuses, or a file in the folder for temporary ones cannot be locked.
    pub async fn migrated(backend: Backend) -> Option<Self> {
        if backend == Backend::Sqlite {
            return Self::fresh(backend).await;
        }
        let slot = Slot::take(backend).unwrap_or_else(|error| panic!("no lock file: {error}"));
        let name = format!("rest_auth_test_slot_{}", slot.number);
        let mut database = Database::named(backend, name)?;
        database.slot = Some(slot);
        let database = prepared(Arc::new(database)).await;
        let database = database.unwrap_or_else(|e| panic!("no test database on {backend:?}: {e}"));
        Some(Self { database, _lease: None })
    }
}

/// Empties a database that was made under this schema; makes any other anew.
async fn prepared(database: Arc<Database>) -> Result<Arc<Database>, DbErr> {
    let Some(slot) = &database.slot else { return Ok(database) };
    let stamp = stamp(&database.url);
    let tables = slot.tables(&stamp).map_err(|error| io_error(&error))?;
    if let Some(tables) = tables {
        let used = Used { database: Arc::clone(&database), tables: tables.into() };
        // Somebody may have removed it meanwhile.
        if used.emptied().await.is_ok() {
            return Ok(database);
        }
    }
    slot.write("").map_err(|error| io_error(&error))?;
    database.create().await?;
    let made = Used::migrated(Arc::clone(&database)).await?;
    slot.write(&format!("{stamp}\n{}", made.tables.join("\n")))
        .map_err(|error| io_error(&error))?;
    Ok(database)
}

/// Names a schema on a server, whose URL may hold a password.
fn stamp(url: &str) -> String {
    let mut hasher = DefaultHasher::new();
    url.hash(&mut hasher);
    format!("{SCHEMA} {:016x}", hasher.finish())
}

fn io_error(error: &io::Error) -> DbErr {
    DbErr::Custom(error.to_string())
}

impl Slot {
    /// The first that nobody uses.
    fn take(backend: Backend) -> io::Result<Self> {
        let mut number = 0;
        loop {
            let path = std::env::temp_dir().join(format!("rest_auth_test_{backend:?}_{number}"));
            let mut options = File::options();
            let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
            match file.try_lock() {
                Ok(()) => return Ok(Self { number, file }),
                Err(TryLockError::WouldBlock) => number += 1,
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// The tables to empty, if the database was made under this stamp.
    fn tables(&self, stamp: &str) -> io::Result<Option<Vec<String>>> {
        let mut file = &self.file;
        let mut text = String::new();
        file.rewind()?;
        file.read_to_string(&mut text)?;
        let mut lines = text.lines();
        Ok((lines.next() == Some(stamp)).then(|| lines.map(str::to_owned).collect()))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let mut file = &self.file;
        file.rewind()?;
        file.set_len(0)?;
        file.write_all(text.as_bytes())
    }
}
