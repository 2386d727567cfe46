//! The providers, each asked at a stub on a local port.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails its test")]

mod audience;
mod documentation;
mod fixtures;
mod requests;
mod stub;

use std::sync::Arc;

use rest_auth_domain::clock::{Clock, SystemClock};
use rest_auth_settings::{Profile, SettingValue as _};
use rest_auth_social::settings::{Providers, SocialAccountSettings};
use rest_auth_social::{Social, SocialSetupError};
use serde_json::{Value, json};

/// The providers of a configuration, as the profile `strict` asks them.
fn social(id: &str, table: &Value) -> Social {
    try_social(id, table).unwrap()
}

fn try_social(id: &str, table: &Value) -> Result<Social, SocialSetupError> {
    let mut settings = SocialAccountSettings::defaults(Profile::Strict);
    settings.allow_private_addresses = true;
    settings.providers = Providers::parse(&json!({id: table})).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Social::new(&settings, &clock)
}
