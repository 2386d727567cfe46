//! `mfa/`: second factors.
//!
//! `verify` is the second step of a login, `passkey` begins it where a passkey is shown, `setup`
//! and `setup_passkey` are the same where a user must have a factor and has none. `totp`,
//! `recovery_codes` and `status` are for users who are logged in.

pub(crate) mod passkey;
pub(crate) mod recovery_codes;
pub(crate) mod setup;
pub(crate) mod setup_passkey;
pub(crate) mod status;
pub(crate) mod totp;
pub(crate) mod trusted_browsers;
pub(crate) mod verify;
