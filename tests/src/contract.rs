//! Replays the recorded wire contract against a server in the same process.
//!
//! A recording is a folder of scenarios, `<area>/<name>.json`: a configuration, some users, and
//! a list of requests with the answers that a conforming server gives. Reading order:
//!
//! - [`subject`]: what the server under test has to offer ([`Subject`], [`Factory`])
//! - [`suite`]: the recordings on disk ([`Suite`])
//! - [`mod@run`]: all scenarios, several at a time ([`run()`], [`Options`])
//! - `replay`: the steps of one scenario, with `request`, `mail` and `stub` for what goes out
//! - `answer`, `compare`, `matcher`: what came back, and whether it is what was recorded
//! - [`report`]: what came of it ([`Report`]), and [`expectations`]: which differences are meant
//!
//! ```no_run
//! # use rest_auth_tests::contract::{self, Factory, Options, Suite};
//! # fn example(factory: &dyn Factory) -> Result<(), Box<dyn std::error::Error>> {
//! let suite = Suite::load("contract".as_ref())?;
//! let report = contract::run(&suite, factory, &Options::default());
//! println!("{}", report.summary("django"));
//! assert!(report.failures().next().is_none());
//! # Ok(())
//! # }
//! ```

pub mod expectations;
pub mod report;
pub mod run;
pub mod subject;
pub mod suite;

mod answer;
mod compare;
mod cookie;
mod jar;
mod json_text;
mod jwt;
mod mail;
mod matcher;
mod pattern;
mod replay;
mod request;
mod response;
mod stub;
mod template;
mod totp;
mod transfer_encoding;

#[cfg(test)]
mod replay_test;

pub use expectations::{Expectations, Verdict};
pub use report::{Report, ScenarioResult, StepFailure};
pub use run::{Options, Quirks, run};
pub use subject::{Factory, Subject, merged};
pub use suite::{Scenario, Suite};
