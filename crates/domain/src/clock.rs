//! Time as an argument.

use chrono::{DateTime, SubsecRound, Utc};

/// Tells what time it is. The server uses [`SystemClock`]; tests wind a clock by hand.
pub trait Clock: Send + Sync + 'static {
    /// The current time, cut to microseconds: no database keeps more, and a value that is
    /// compared after a round trip must not change.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}
