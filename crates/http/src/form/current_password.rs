//! The field with the password of the user who is logged in.

use super::field::{FormField, text};
use crate::settings::Configuration;

/// The password that confirms a change of ways to log in, where such changes need a fresh proof.
pub(crate) fn current_password(configuration: Configuration<'_>) -> FormField {
    let is_asked = configuration.accounts.account.reauthentication_required;
    text().optional().help("Needed unless the last proof is fresh.").offered(is_asked)
}
