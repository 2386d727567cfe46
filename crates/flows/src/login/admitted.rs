//! A user to whom credentials may be issued.

use rest_auth_domain::password::EncodedPassword;
use rest_auth_store::User;

use super::factor::Factor;
use super::proven::Proven;
use crate::authentication_backend::LoginBackend;

/// A user who has passed every check of a login. Issuing credentials requires one.
#[derive(Debug)]
pub(crate) struct Admitted(Proven);

impl Admitted {
    /// For [`complete`](super::complete) alone.
    pub(super) fn new(proven: Proven) -> Self {
        Self(proven)
    }

    /// The user.
    pub(crate) fn user(&self) -> &User {
        self.0.user()
    }

    /// The hash of the account's password, with which the credentials end.
    pub(crate) fn password(&self) -> &EncodedPassword {
        self.0.password()
    }

    /// What was proven, in order.
    pub(crate) fn factors(&self) -> &[Factor] {
        self.0.factors()
    }

    /// The backend that accepted the proof.
    pub(crate) fn backend(&self) -> LoginBackend {
        self.0.backend()
    }

    pub(super) fn into_user(self) -> User {
        self.0.into_user()
    }
}
