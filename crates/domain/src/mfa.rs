//! Second factors: dj-rest-auth's own, and those that allauth stored.
//!
//! [`totp`] is the mathematics, [`authenticator`] and [`recovery_codes`] are the rows of
//! `dj_rest_auth_mfa_authenticator`, where [`hashed_codes`] may take the place of the latter,
//! [`challenge`] the signed texts between two requests, [`otpauth`] what an app scans from a
//! [`qr_code`], and [`allauth`] the rows of `mfa_authenticator`.

pub mod allauth;
pub mod authenticator;
pub mod challenge;
mod code;
pub mod hashed_codes;
pub mod otpauth;
mod owner;
pub mod qr_code;
pub mod recovery_codes;
mod step;
pub mod totp;

pub use owner::Owner;
pub use totp::{TotpSecret, TotpShape};
