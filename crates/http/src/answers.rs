//! The bodies of answers: each is one struct, which is written out and which the OpenAPI document
//! describes. `openapi::patch` adds what depends on the configuration.

mod credentials;
mod emails;
mod errors;
mod mfa;
mod passkeys;
mod sessions;
mod social;
mod user;

pub(crate) use credentials::{JwtPair, RefreshedTokens, TokenIsValid, TokenKey};
pub(crate) use emails::EmailAddress;
pub(crate) use errors::{
    AuthenticationError, BadRequest, Detail, FieldErrors, ReauthenticationRequired,
};
pub(crate) use mfa::{MfaStatus, NewRecoveryCodes, RecoveryCodes, SecondStep, TotpSecret, count};
pub(crate) use passkeys::{CreationOptions, PasskeyDetails, PasskeyName, RequestOptions};
pub(crate) use sessions::{Reauthenticated, ReauthenticationStatus, Session, TrustedBrowser};
pub(crate) use social::{BeginAnswer, Disconnected, SignUpStep, SocialAccount};
pub(crate) use user::UserDetails;
