//! JSON Web Tokens as SimpleJWT 5.5.1 and PyJWT 2.15 make and check them (RFC 7515, 7519, 8725).
//!
//! Read [`tokens`] first: [`Tokens`] issues, reads and renews access and refresh tokens by
//! [`settings`]. Below it [`claims`] is the content of a token, [`user`] the check of its user,
//! `encode` and `verify` its text, and [`keys`] with [`algorithm`] its signature.

pub mod algorithm;
pub mod claims;
mod encode;
pub mod keys;
pub(crate) mod segments;
pub mod settings;
pub mod tokens;
pub mod user;
mod verify;
mod verifying_key;

pub use algorithm::Algorithm;
pub use claims::Claims;
pub use keys::{JwtKeys, KeyError, SigningError};
pub use settings::{Audience, TokenSettings};
pub use tokens::{
    CustomClaims, OutstandingToken, RotatedRefresh, SignedToken, TokenError, TokenKind, TokenPair,
    Tokens,
};
pub use user::{TokenUser, UserError, UserId};
