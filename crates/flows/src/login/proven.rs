//! The proofs of a login.

use chrono::{DateTime, Utc};
use rest_auth_domain::password::EncodedPassword;
use rest_auth_domain::webauthn::Assertion;
use rest_auth_social::Identity;
use rest_auth_store::{CreatedUser, User, UserWithPassword};

use super::factor::{Factor, Method};
use super::handed_over::HandedOver;
use super::waiting::WaitingLogin;
use crate::authentication_backend::LoginBackend;

/// A user, the backend that accepted the proof, and what was proven. Only the functions that prove
/// something make one; it allows nothing until [`complete`](super::complete) has checked it.
///
/// It holds the hash that the password was proven against: what the login issues ends with that
/// password, even if another is set before it is issued.
#[derive(Debug)]
pub struct Proven {
    user: UserWithPassword,
    backend: LoginBackend,
    factors: Vec<Factor>,
    doubt: Doubt,
}

/// Whether more is needed than what was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// No.
    None,
    /// The password may have been guessed.
    MayBeGuessed,
}

impl Proven {
    /// The password was right.
    pub(super) fn by_password(
        user: UserWithPassword,
        backend: LoginBackend,
        at: DateTime<Utc>,
        doubt: Doubt,
    ) -> Self {
        Self { doubt, ..Self::of(user, backend, vec![Factor::new(Method::Password, at)]) }
    }

    /// What leaves no doubt.
    fn of(user: UserWithPassword, backend: LoginBackend, factors: Vec<Factor>) -> Self {
        Self { user, backend, factors, doubt: Doubt::None }
    }

    /// The account was made in this very request: only the store makes a [`CreatedUser`].
    pub(crate) fn by_registration(created: CreatedUser, at: DateTime<Utc>) -> Self {
        let factors = vec![Factor::new(Method::Registration, at)];
        let user = UserWithPassword {
            user: created.user,
            password: created.password,
            has_factor: Some(false),
            is_guessed: false,
        };
        Self::of(user, LoginBackend::Allauth, factors)
    }

    /// A provider says who it is: only asking one makes an [`Identity`].
    pub(crate) fn by_provider(
        user: UserWithPassword,
        identity: &Identity,
        at: DateTime<Utc>,
    ) -> Self {
        let factors = vec![Factor::of_provider(identity, at)];
        Self::of(user, LoginBackend::Allauth, factors)
    }

    /// A provider said who it is before the browser came back to the front end: only the database
    /// gives what was handed over.
    pub(crate) fn by_handed_over(user: UserWithPassword, handed: &HandedOver) -> Self {
        let factors = vec![handed.factor.clone()];
        Self::of(user, LoginBackend::Allauth, factors)
    }

    /// A login goes on that waited for a step, and one thing more was proven.
    pub(super) fn by_step(user: UserWithPassword, waited: WaitingLogin, step: Factor) -> Self {
        let WaitingLogin { backend, mut factors, .. } = waited;
        factors.push(step);
        Self::of(user, backend, factors)
    }

    /// A passkey answered a challenge.
    pub(super) fn by_passkey(
        user: UserWithPassword,
        backend: LoginBackend,
        assertion: Assertion,
        at: DateTime<Utc>,
    ) -> Self {
        let method = if assertion.user_verified { Method::Passkey } else { Method::SecurityKey };
        Self::of(user, backend, vec![Factor::of_passkey(method, assertion, at)])
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user.user
    }

    /// The user, with the hash of the account's password.
    pub(super) fn with_password(&self) -> &UserWithPassword {
        &self.user
    }

    /// The hash of the account's password.
    pub(crate) fn password(&self) -> &EncodedPassword {
        &self.user.password
    }

    /// The backend that accepted the proof, which a session keeps.
    #[must_use]
    pub fn backend(&self) -> LoginBackend {
        self.backend
    }

    /// What was proven, in order.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// Whether the password may have been guessed, and nothing else was proven.
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubt == Doubt::MayBeGuessed
    }

    pub(super) fn into_user(self) -> User {
        self.user.user
    }
}
