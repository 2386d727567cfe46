//! Password hashing on threads of its own.
//!
//! A hash costs tens of milliseconds and megabytes, so it never runs on the runtime's threads: as
//! many workers as configured each own one block of memory and take work from a bounded queue.
//! When the queue is full somebody is answered "busy" at once, before any work is done; a job whose
//! caller has gone or whose deadline has passed is dropped without hashing.
//!
//! `pool` is what flows call, `queue` decides which jobs may wait and which is next, `fair_queue` in
//! which order, `work` is what a thread does for one job, and `priority` how much of a core it gets.

mod fair_queue;
mod pool;
mod priority;
mod queue;
mod work;

pub use pool::{HashingLimits, HashingPool};
pub use queue::{Account, Priority, Requester};
