//! Passwords as Django keeps them and the rules for choosing one.
//!
//! Keeping: a [`Password`] comes from a user, an [`EncodedPassword`] is in the database, and
//! [`Hashers`] turns the one into the other and compares them. Read `hashers.rs` first, then
//! `stored.rs` and one of the `algorithms`.
//!
//! Choosing: [`validate`] says what is wrong with a new password. Read `validators.rs`.

mod algorithms;
mod common_passwords;
mod encoded;
mod hashers;
mod numeric;
mod plain;
mod scratch;
pub mod similarity;
mod stored;
mod validators;
mod work_factors;

pub use common_passwords::{CommonPasswords, UnreadableList};
pub use encoded::EncodedPassword;
pub use hashers::{
    EncodeError, HashAlgorithm, HashForm, Hashers, HashersError, UnreadableHash, Verdict,
};
pub use plain::Password;
pub use scratch::Scratch;
pub use similarity::MaxSimilarity;
pub use validators::{PasswordProblem, PasswordValidator, UserAttribute, UserAttributes, validate};
pub use work_factors::{Argon2Factors, ScryptFactors, WorkFactorError, WorkFactors};
