//! Findings about a configuration.

use std::fmt;

use crate::origin::ValueOrigin;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The server does not start.
    Error,
    /// The server starts.
    Warning,
}

/// One problem, and how to correct it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The key it is about, such as `session.cookie_age`; empty if the file cannot be read.
    pub key: String,
    /// Where the value of that key comes from.
    pub origin: ValueOrigin,
    /// What is wrong. Never contains the value of a secret.
    pub message: String,
    /// What to do about it; may be empty where the message says it.
    pub cure: String,
}

impl Finding {
    /// A finding that keeps the server from starting.
    #[must_use]
    pub fn error(key: &str, origin: ValueOrigin, message: String) -> Self {
        let key = key.to_owned();
        Self { severity: Severity::Error, key, origin, message, cure: String::new() }
    }

    /// A finding with which the server starts.
    #[must_use]
    pub fn warning(key: &str, origin: ValueOrigin, message: String) -> Self {
        Self { severity: Severity::Warning, ..Self::error(key, origin, message) }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn cure(self, cure: impl Into<String>) -> Self {
        Self { cure: cure.into(), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            ValueOrigin::Default | ValueOrigin::Derived { .. } => {}
            place => write!(f, "{place}: ")?,
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&self.message)?;
        if self.cure.is_empty() { Ok(()) } else { write!(f, "; {}", self.cure) }
    }
}
