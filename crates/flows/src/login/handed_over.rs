//! What a provider proved, between the end of a login in the browser and the exchange of its code.

use chrono::{DateTime, Utc};
use rest_auth_social::Identity;
use serde::{Deserialize, Serialize};

use super::factor::Factor;

/// What a provider proved. Only the database has it until the front end shows the code.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandedOver {
    /// When the provider vouched for the user, and what it says of their login.
    pub(super) factor: Factor,
    /// The digest of the front end's secret, or nothing.
    pub(crate) code_challenge: String,
}

impl HandedOver {
    /// What is handed over of an identity: only asking a provider makes one.
    pub(crate) fn new(identity: &Identity, code_challenge: &str, at: DateTime<Utc>) -> Self {
        let factor = Factor::of_provider(identity, at);
        Self { factor, code_challenge: code_challenge.to_owned() }
    }
}
