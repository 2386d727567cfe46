//! The topics, one after another.

use rest_auth_settings::Finding;

use super::collector::Check;
use super::{addresses, codes, cookies, credentials, languages, limits, mail, users};
use crate::config::Settings;

/// All findings about combinations of settings.
#[must_use]
pub fn check(settings: &Settings) -> Vec<Finding> {
    let mut check = Check::new(settings);
    addresses::check(&mut check);
    credentials::check(&mut check);
    cookies::check(&mut check);
    languages::check(&mut check);
    mail::check(&mut check);
    codes::check(&mut check);
    limits::check(&mut check);
    users::check(&mut check);
    check.findings
}
