//! An e-mail address of a profile.

use serde::{Deserialize, Serialize};

/// An address that a provider reports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProfileEmail {
    /// The address in lower case.
    pub email: String,
    /// Whether the provider says that it has verified it, or is trusted with it.
    pub verified: bool,
    /// Whether it is the main one.
    pub primary: bool,
}
