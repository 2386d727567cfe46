//! Second factors: dj-rest-auth's own, and those that allauth stored.
//!
//! [`totp`] is the mathematics, [`authenticator`] and [`recovery_codes`] are the rows of
//! `dj_rest_auth_mfa_authenticator`, [`challenge`] the signed texts between two requests,
//! [`otpauth`] what an app scans, and [`allauth`] the rows of `mfa_authenticator`.

pub mod allauth;
pub mod authenticator;
pub mod challenge;
mod code;
pub mod otpauth;
pub mod recovery_codes;
pub mod totp;

pub use totp::{TotpSecret, TotpShape};
