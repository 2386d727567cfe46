//! Whether values make sense together.
//!
//! Each file asks about one topic; [`deploy`] asks what matters only in production.

mod addresses;
mod codes;
mod cookies;
mod credentials;
pub mod deploy;
mod languages;
mod letters;
mod limits;
mod users;

use rest_auth_settings::Profile;

use super::finding::Finding;
use super::settings::Settings;

/// Collects what is wrong with one set of settings.
struct Check<'a> {
    settings: &'a Settings,
    findings: Vec<Finding>,
}

impl<'a> Check<'a> {
    const fn new(settings: &'a Settings) -> Self {
        Self { settings, findings: Vec::new() }
    }

    /// Something with which the server must not start.
    fn error(&mut self, key: &str, message: impl Into<String>, cure: impl Into<String>) {
        let origin = self.settings.origin(key).clone();
        self.findings.push(Finding::error(key, origin, message.into()).cure(cure));
    }

    /// Something with which a new project must not start. A project that is taken over may have
    /// run like this for years, so the django profile only warns.
    fn refuse(&mut self, key: &str, message: impl Into<String>, cure: impl Into<String>) {
        match self.settings.profile {
            Profile::Strict => self.error(key, message, cure),
            Profile::Django => self.warning(key, message, cure),
        }
    }

    /// Something that is probably not meant.
    fn warning(&mut self, key: &str, message: impl Into<String>, cure: impl Into<String>) {
        let origin = self.settings.origin(key).clone();
        self.findings.push(Finding::warning(key, origin, message.into()).cure(cure));
    }
}

/// Everything that does not make sense together.
#[must_use]
pub fn check(settings: &Settings) -> Vec<Finding> {
    let mut check = Check::new(settings);
    addresses::check(&mut check);
    credentials::check(&mut check);
    cookies::check(&mut check);
    languages::check(&mut check);
    letters::check(&mut check);
    codes::check(&mut check);
    limits::check(&mut check);
    users::check(&mut check);
    check.findings
}

#[cfg(test)]
mod tests;
