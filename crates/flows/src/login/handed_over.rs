//! What a provider proved, between the end of a login in the browser and the exchange of its code.

use chrono::{DateTime, Utc};
use rest_auth_social::Identity;
use serde::{Deserialize, Serialize};

/// What a provider proved. Only the database has it until the front end shows the code.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandedOver {
    /// When the provider vouched for the user.
    pub(super) at: DateTime<Utc>,
    /// The digest of the front end's secret, or nothing.
    pub(crate) code_challenge: String,
}

impl HandedOver {
    /// What is handed over of an identity: only asking a provider makes one.
    pub(crate) fn new(_identity: &Identity, code_challenge: &str, at: DateTime<Utc>) -> Self {
        Self { at, code_challenge: code_challenge.to_owned() }
    }
}
