//! `mfa/`: second factors.
//!
//! `verify` is the second step of a login, `passkey` begins it where a passkey is shown, `setup` the same where a user must have a factor and has
//! none. `totp`, `recovery_codes` and `status` are for users who are logged in.

pub(crate) mod passkey;
pub(crate) mod recovery_codes;
pub(crate) mod setup;
pub(crate) mod status;
pub(crate) mod totp;
pub(crate) mod verify;

use crate::form::{FormField, text};
use crate::settings::Configuration;

/// The password that confirms a change of factors.
fn current_password(configuration: Configuration<'_>) -> FormField {
    let is_asked = configuration.accounts.account.reauthentication_required;
    text().optional().help("Required if the user has a password.").offered(is_asked)
}
