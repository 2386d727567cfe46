//! Protection against cross-site request forgery, with Django's rules.
//!
//! [`secret`] holds the secret and its masked forms, [`origins`] the settings, read once at
//! start, and [`decision`] the rules.

pub mod decision;
mod domain_pattern;
pub mod origins;
pub mod secret;
mod url;

pub use decision::{
    CsrfFailure, CsrfRequest, TokenProblem, TokenSource, decide, decide_before_body,
};
pub use origins::{CsrfRules, TrustedOrigins, header_name};
pub use secret::{CsrfSecret, TokenFormat};
