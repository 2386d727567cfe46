//! How far the clocks of callers are from that of the database.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use chrono::TimeDelta;

/// How far the caller's clock is ahead of the database's, as last measured. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClockSkew(pub(crate) Arc<Mutex<Option<(Instant, TimeDelta)>>>);
