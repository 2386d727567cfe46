//! The topics, one after another.

use rest_auth_settings::Finding;

use super::collector::Check;
use super::{
    addresses, codes, cookie_paths, cookies, credentials, cross_origin, django, languages, limits,
    mail, passkeys, prepared, social, users,
};
use crate::config::Settings;

/// All findings about combinations of settings.
#[must_use]
pub fn check(settings: &Settings) -> Vec<Finding> {
    let mut check = Check::new(settings);
    django::check(&mut check);
    addresses::check(&mut check);
    credentials::check(&mut check);
    cookies::check(&mut check);
    cookie_paths::check(&mut check);
    cross_origin::check(&mut check);
    languages::check(&mut check);
    mail::check(&mut check);
    codes::check(&mut check);
    limits::check(&mut check);
    users::check(&mut check);
    passkeys::check(&mut check);
    social::check(&mut check);
    prepared::check(&mut check);
    check.findings
}
