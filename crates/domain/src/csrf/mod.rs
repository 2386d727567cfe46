//! Protection against requests that other sites make with a user's cookies, as Django decides.
//!
//! [`secret`] holds the secret and its masked forms, [`origins`] the settings, read once at
//! start, and [`decision`] the rules.

pub mod decision;
mod domain_pattern;
pub mod origins;
pub mod secret;
mod url;

pub use decision::{CsrfFailure, CsrfRequest, TokenProblem, TokenSource, decide};
pub use origins::{CsrfRules, TrustedOrigins, header_name};
pub use secret::{CsrfSecret, TokenFormat};
