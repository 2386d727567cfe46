//! Running a test.

use std::pin::Pin;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;

/// Longer than any test takes, also on a machine with other work. A test that waits for longer
/// waits for something that does not come.
const STALLED: Duration = Duration::from_mins(5);

/// Runs a test on two threads to its end.
///
/// # Panics
/// When the test does, and when it stalls.
pub fn run_test(test: Pin<Box<dyn Future<Output = ()>>>) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    let done = runtime.block_on(async { timeout(STALLED, test).await });
    assert!(done.is_ok(), "the test stalled: it did not end within {STALLED:?}");
}
