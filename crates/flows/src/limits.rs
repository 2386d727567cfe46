//! How often things may be tried: `account.rate_limits`, and how they are counted.
//!
//! A flow that is limited begins with [`consume`]. Whatever it answers to somebody who is not logged
//! in must not depend on who is registered, so it counts before it looks anything up.

use std::collections::HashMap;

use chrono::TimeDelta;
use rest_auth_domain::rate::{Per, RateLimit};

use crate::auth::Auth;
use crate::client::{Client, network_of};
use crate::error::AuthError;
use crate::settings::RateLimits;
use crate::throttle::{Counter, Rate};

/// What is limited, by its name in `account.rate_limits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// `signup`: opening an account.
    Signup,
    /// `login`: every attempt to log in with a password.
    Login,
    /// `login_failed`: attempts that failed.
    LoginFailed,
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
    /// `manage_email`: changing one's own addresses.
    ManageEmail,
    /// `reauthenticate`: showing one's password again.
    Reauthenticate,
}

impl Action {
    const ALL: [Self; 10] = [
        Self::Signup,
        Self::Login,
        Self::LoginFailed,
        Self::ResetPassword,
        Self::ResetPasswordFromKey,
        Self::ConfirmEmail,
        Self::ResendEmail,
        Self::ChangePassword,
        Self::ManageEmail,
        Self::Reauthenticate,
    ];

    /// The name in `account.rate_limits`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::ResetPassword => "reset_password",
            Self::ResetPasswordFromKey => "reset_password_from_key",
            Self::ConfirmEmail => "confirm_email",
            Self::ResendEmail => "resend_email",
            Self::ChangePassword => "change_password",
            Self::ManageEmail => "manage_email",
            Self::Reauthenticate => "reauthenticate",
        }
    }
}

/// Who does something, and to what.
#[derive(Clone, Debug)]
pub struct LimitKey<'a> {
    client: &'a Client,
    user: Option<i64>,
    key: Option<String>,
}

impl<'a> LimitKey<'a> {
    /// Somebody at a device.
    #[must_use]
    pub fn at(client: &'a Client) -> Self {
        Self { client, user: None, key: None }
    }

    /// Who is logged in.
    #[must_use]
    pub fn user(self, id: i64) -> Self {
        Self { user: Some(id), ..self }
    }

    /// What it is about: an address, in the one spelling that all its spellings share.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }
}

/// Counts an attempt against every limit of an action, or refuses it and counts it against none.
///
/// # Errors
/// [`AuthError::Throttled`] with the longest time that any of the limits asks for, and whatever
/// the place says that has the counters.
pub async fn consume(auth: &Auth, action: Action, key: &LimitKey<'_>) -> Result<(), AuthError> {
    let counters = counters(auth, action, key);
    if counters.is_empty() {
        return Ok(());
    }
    refuse(auth.throttle().consume(&counters, auth.now()).await?)
}

/// Refuses what [`spend`] would refuse, and counts nothing.
///
/// # Errors
/// As [`spend`].
pub(crate) async fn peek(auth: &Auth, action: Action, key: &LimitKey<'_>) -> Result<(), AuthError> {
    let counters = counters(auth, action, key);
    if counters.is_empty() {
        return Ok(());
    }
    refuse(auth.throttle().wait(&counters, auth.now()).await?)
}

/// Forgets the attempts that were counted for what an action is about. What was counted for the
/// source stays.
///
/// # Errors
/// Whatever the place says that has the counters.
pub(crate) async fn reset(
    auth: &Auth,
    action: Action,
    key: &LimitKey<'_>,
) -> Result<(), AuthError> {
    let by_key = auth.limits().of(action).iter().filter(|limit| limit.per == Per::Key);
    let counters: Vec<_> = by_key.map(|limit| counter(auth, action, *limit, key)).collect();
    if counters.is_empty() {
        return Ok(());
    }
    auth.throttle().clear(&counters).await
}

fn refuse(wait: Option<TimeDelta>) -> Result<(), AuthError> {
    match wait {
        None => Ok(()),
        Some(wait) => Err(AuthError::Throttled { retry_in: wait.to_std().unwrap_or_default() }),
    }
}

fn counters(auth: &Auth, action: Action, key: &LimitKey<'_>) -> Vec<Counter> {
    let limits = auth.limits().of(action);
    limits.iter().map(|limit| counter(auth, action, *limit, key)).collect()
}

/// The window of a limit. Where the action has nobody logged in, or is about nothing, the source
/// counts: a limit that is configured is never without effect.
fn counter(auth: &Auth, action: Action, limit: Limit, key: &LimitKey<'_>) -> Counter {
    let whose = match (limit.per, key.user, &key.key) {
        (Per::User, Some(user), _) => format!("user/{user}"),
        (Per::Key, _, Some(key)) => format!("key/{key}"),
        _ => format!("ip/{}", source(auth, key.client)),
    };
    let (action, seconds) = (action.name(), limit.rate.period.as_seconds_f64());
    Counter { key: format!("{action}/{seconds}/{whose}"), rate: limit.rate }
}

/// Where something comes from, as far as limits tell one source from another.
#[must_use]
pub fn source(auth: &Auth, client: &Client) -> String {
    let prefix = auth.settings().addresses.rate_limit_ipv6_prefix;
    client.address.map_or_else(|| "?".to_owned(), |a| network_of(a, prefix).to_string())
}

/// The limits of every action, prepared for counting.
#[derive(Debug)]
pub(crate) struct Limits(HashMap<Action, Vec<Limit>>);

/// One limit of one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    rate: Rate,
    per: Per,
}

impl Limits {
    pub(crate) fn new(settings: &RateLimits) -> Self {
        let prepared = |action: Action| (action, prepare(settings.of(action.name())));
        Self(Action::ALL.into_iter().map(prepared).collect())
    }

    fn of(&self, action: Action) -> &[Limit] {
        self.0.get(&action).map_or(&[], Vec::as_slice)
    }
}

/// Of limits that differ in nothing but the amount the lowest holds: they share a window.
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
