//! The statements that this process has run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sea_orm::Statement;

/// Each statement that ran since [`record`], once, with values that it ran with.
static RAN: Mutex<Option<BTreeMap<String, Statement>>> = Mutex::new(None);

/// Begins to remember the statements of this process.
pub fn record() {
    *RAN.lock().unwrap_or_else(PoisonError::into_inner) = Some(BTreeMap::new());
}

/// How many statements this process has run.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// How many statements this process has run, without the beginnings and ends of transactions.
#[must_use]
pub fn statements() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Counts a statement, and remembers it if that is wanted.
pub(crate) fn remember(statement: &Statement) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    if let Some(ran) = RAN.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        && !ran.contains_key(&statement.sql)
    {
        ran.insert(statement.sql.clone(), statement.clone());
    }
}

/// The statements that ran since [`record`]. Nothing is remembered from here on.
pub(super) fn taken() -> BTreeMap<String, Statement> {
    RAN.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
}
