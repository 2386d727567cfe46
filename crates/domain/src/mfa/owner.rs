//! The owner of a second factor.

use crate::signing::SecretKeys;

/// The user of a factor, and the keys that its secrets are signed, encrypted or hashed with.
#[derive(Clone, Copy)]
pub struct Owner<'k> {
    /// The user's id.
    pub user_id: i64,
    /// The keys.
    pub keys: &'k SecretKeys,
}
