//! The limits of a configuration.

use std::collections::HashMap;

use rest_auth_domain::rate::{Per, RateLimit};

use crate::settings::RateLimits;
use crate::throttle::Rate;

/// What is limited, by its name in `account.rate_limits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// `signup`: opening an account.
    Signup,
    /// `login`: every attempt to log in with a password, and every login that a provider vouches for.
    Login,
    /// `login_failed`: attempts that failed.
    LoginFailed,
    /// `login_failed_account`: attempts at one account that failed, from any source.
    LoginFailedAccount,
    /// `login_code`: the same, until a right password needs a mailed code, too.
    LoginCode,
    /// `request_login_code`: mails with such a code.
    RequestLoginCode,
    /// `reset_password`: asking for a mail to choose a new password.
    ResetPassword,
    /// `reset_password_from_key`: choosing one with what the mail said.
    ResetPasswordFromKey,
    /// `confirm_email`: mails, sent at a registration, that ask to verify an address.
    ConfirmEmail,
    /// `resend_email`: asking for another of these mails.
    ResendEmail,
    /// `change_password`: changing one's own password.
    ChangePassword,
    /// `change_username`: changing one's own user name.
    ChangeUsername,
    /// `manage_email`: changing one's own addresses.
    ManageEmail,
    /// `reauthenticate`: showing one's password again.
    Reauthenticate,
    /// `mfa`: typing codes of a second factor.
    Mfa,
    /// `passkey`: beginning to add a passkey, or to log in with one.
    Passkey,
    /// `social_begin`: setting out for a provider in the browser.
    SocialBegin,
}

impl Action {
    const ALL: [Self; 17] = [
        Self::Signup,
        Self::Login,
        Self::LoginFailed,
        Self::LoginFailedAccount,
        Self::LoginCode,
        Self::RequestLoginCode,
        Self::ResetPassword,
        Self::ResetPasswordFromKey,
        Self::ConfirmEmail,
        Self::ResendEmail,
        Self::ChangePassword,
        Self::ChangeUsername,
        Self::ManageEmail,
        Self::Reauthenticate,
        Self::Mfa,
        Self::Passkey,
        Self::SocialBegin,
    ];

    /// The name in `account.rate_limits`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::LoginFailedAccount => "login_failed_account",
            Self::LoginCode => "login_code",
            Self::RequestLoginCode => "request_login_code",
            Self::ResetPassword => "reset_password",
            Self::ResetPasswordFromKey => "reset_password_from_key",
            Self::ConfirmEmail => "confirm_email",
            Self::ResendEmail => "resend_email",
            Self::ChangePassword => "change_password",
            Self::ChangeUsername => "change_username",
            Self::ManageEmail => "manage_email",
            Self::Reauthenticate => "reauthenticate",
            Self::Mfa => "mfa",
            Self::Passkey => "passkey",
            Self::SocialBegin => "social_begin",
        }
    }
}

/// The limits of every action, prepared for counting.
#[derive(Debug)]
pub(crate) struct Limits(HashMap<Action, Vec<Limit>>);

/// One limit of one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) rate: Rate,
    pub(super) per: Per,
}

impl Limits {
    pub(crate) fn new(settings: &RateLimits) -> Self {
        let prepared = |action: Action| (action, prepare(settings.of(action.name())));
        Self(Action::ALL.into_iter().map(prepared).collect())
    }

    pub(super) fn of(&self, action: Action) -> &[Limit] {
        self.0.get(&action).map_or(&[], Vec::as_slice)
    }
}

/// Limits that differ in the amount alone share a window, and the lowest holds.
fn prepare(settings: &[RateLimit]) -> Vec<Limit> {
    let mut limits: Vec<Limit> = Vec::new();
    for setting in settings {
        let limit = Limit { rate: Rate::new(setting.amount, setting.period), per: setting.per };
        let same =
            |other: &&mut Limit| (other.per, other.rate.period) == (limit.per, limit.rate.period);
        match limits.iter_mut().find(same) {
            Some(other) => other.rate.amount = other.rate.amount.min(limit.rate.amount),
            None => limits.push(limit),
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn setting(amount: u32, seconds: u64, per: Per) -> RateLimit {
        RateLimit { amount, period: Duration::from_secs(seconds), per }
    }

    #[test]
    fn every_action_is_one_of_the_settings() {
        for action in Action::ALL {
            assert!(!RateLimits::of_allauth().of(action.name()).is_empty(), "{action:?}");
        }
    }

    #[test]
    fn limits_with_one_window_count_once() {
        let settings = [
            setting(5, 60, Per::Ip),
            setting(3, 60, Per::Ip),
            setting(5, 3_600, Per::Ip),
            setting(1, 60, Per::Key),
        ];
        let limits = prepare(&settings);
        assert_eq!(limits.len(), 3);
        assert_eq!(limits[0].rate, Rate::new(3, Duration::from_mins(1)));
    }
}
