//! Runs all scenarios of a suite, several at a time.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};
use tokio::runtime::{Builder, Handle};

use super::pattern::glob_fits;
use super::replay;
use super::report::{Report, ScenarioResult, StepFailure};
use super::subject::Factory;
use super::suite::{Scenario, Suite};

/// What becomes of steps that show a bug or an insecurity of dj-rest-auth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quirks {
    /// They run without being compared, and optional cookies may be missing. A scenario that is
    /// a quirk as a whole counts as passed without being run.
    #[default]
    Lenient,
    /// They are compared like all others.
    Strict,
}

/// How to replay.
#[derive(Clone, Debug)]
pub struct Options {
    /// What becomes of the bugs of dj-rest-auth.
    pub quirks: Quirks,
    /// Globs on `area/name`; if there are any, only scenarios that one of them fits are run.
    pub only: Vec<String>,
    /// How many scenarios run at a time; 0 means 1.
    pub jobs: usize,
    /// The configuration that lies under that of each scenario.
    pub base: Value,
}

impl Default for Options {
    fn default() -> Self {
        let jobs = thread::available_parallelism().map_or(1, usize::from);
        Self { quirks: Quirks::default(), only: Vec::new(), jobs, base: json!({}) }
    }
}

/// Replays the scenarios, each against a server of its own.
///
/// Blocks until all are done, on a runtime of its own: call it outside of any other. A panic
/// in the server fails the scenario it happens in.
///
/// # Panics
/// When the operating system gives no threads for the runtime.
#[must_use]
pub fn run(suite: &Suite, factory: &dyn Factory, options: &Options) -> Report {
    let wanted = |scenario: &&Scenario| {
        let path = scenario.path();
        options.only.is_empty() || options.only.iter().any(|glob| glob_fits(glob, &path))
    };
    let scenarios: Vec<&Scenario> = suite.scenarios.iter().filter(wanted).collect();
    let jobs = options.jobs.max(1);
    let runtime = Builder::new_multi_thread().worker_threads(jobs).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => panic!("cannot start a runtime: {error}"),
    };
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs.min(scenarios.len()) {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = one(scenario, factory, options, runtime.handle());
                    results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(result);
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by(|a, b| (&a.area, &a.name).cmp(&(&b.area, &b.name)));
    Report { results, known: suite.scenarios.iter().map(Scenario::path).collect() }
}

fn one(
    scenario: &Scenario,
    factory: &dyn Factory,
    options: &Options,
    runtime: &Handle,
) -> ScenarioResult {
    let replay = || runtime.block_on(replay::scenario(scenario, factory, options));
    let failures = catch_unwind(AssertUnwindSafe(replay)).unwrap_or_else(|panic| {
        let problems = vec![format!("the server panicked: {}", panic_message(panic.as_ref()))];
        vec![StepFailure { step: None, action: "panic".to_owned(), problems }]
    });
    ScenarioResult { area: scenario.area.clone(), name: scenario.name.clone(), failures }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
