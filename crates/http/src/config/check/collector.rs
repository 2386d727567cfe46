//! Collects findings about one set of settings.

use rest_auth_settings::{Finding, Profile};

use crate::config::Settings;

/// Collects what is wrong with one set of settings.
pub(super) struct Check<'a> {
    pub(super) settings: &'a Settings,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Check<'a> {
    pub(super) const fn new(settings: &'a Settings) -> Self {
        Self { settings, findings: Vec::new() }
    }

    /// Something with which the server must not start.
    pub(super) fn error(&mut self, key: &str, message: impl Into<String>, cure: impl Into<String>) {
        let origin = self.settings.origin(key).clone();
        self.findings.push(Finding::error(key, origin, message.into()).cure(cure));
    }

    /// Something with which a new project must not start. A project that is taken over may have
    /// run like this for years, so the django profile only warns.
    pub(super) fn refuse(
        &mut self,
        key: &str,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) {
        match self.settings.profile {
            Profile::Strict => self.error(key, message, cure),
            Profile::Django => self.warning(key, message, cure),
        }
    }

    /// Something that is probably not meant.
    pub(super) fn warning(
        &mut self,
        key: &str,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) {
        let origin = self.settings.origin(key).clone();
        self.findings.push(Finding::warning(key, origin, message.into()).cure(cure));
    }
}
