//! Passkeys: what browsers and authenticators say when one is made and when it logs in (Web
//! Authentication Level 3, sections 7.1 and 7.2).
//!
//! A browser sends a [`response`]. [`registration`] checks one that makes a credential,
//! [`authentication`] one that uses it. Both check the [`client_data`], which the browser wrote, and
//! the [`authenticator_data`], which the authenticator wrote in `cbor`, against a
//! [`relying_party`]; keys are [`public_key`]s. Whatever is wrong is a [`CeremonyError`].
//! [`user_handle`]s are the names of users on authenticators. [`allauth`] reads and writes the
//! credentials that allauth keeps.
//!
//! Attestation is not asked for, so that nothing hangs on what a statement says about the
//! authenticator.

pub mod allauth;
pub mod authentication;
pub mod authenticator_data;
mod cbor;
pub mod client_data;
pub mod credential_id;
mod error;
#[cfg(test)]
mod properties;
pub mod public_key;
pub mod registration;
pub mod relying_party;
pub mod response;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod user_handle;

pub use authentication::{Assertion, StoredCredential};
pub use error::CeremonyError;
pub use public_key::{CoseAlgorithm, PublicKey};
pub use registration::NewCredential;
pub use relying_party::{Expected, RelyingParty, UserVerification};
pub use response::{AuthenticationResponse, RegistrationResponse};
