//! How often things may be tried: `account.rate_limits`, prepared for counting.

use chrono::TimeDelta;

use crate::settings::{LimitedBy, RateLimit, RateLimits};
use crate::throttle::Rate;

/// One limit of one action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) rate: Rate,
    pub(crate) per: Per,
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Per {
    /// All that comes from one source.
    Source,
    /// What concerns one account or address.
    Key,
    /// What one user does.
    User,
}

/// The limits of each action.
#[derive(Debug)]
pub(crate) struct Limits {
    login_failed: Vec<Limit>,
    confirm_email: Vec<Limit>,
}

impl Limits {
    pub(crate) fn new(settings: &RateLimits) -> Self {
        let of = |action| settings.of(action).iter().map(Limit::from).collect();
        Self { login_failed: of("login_failed"), confirm_email: of("confirm_email") }
    }

    /// Failed logins.
    pub(crate) fn login_failed(&self) -> &[Limit] {
        &self.login_failed
    }

    /// Mails that ask to confirm an address.
    pub(crate) fn confirm_email(&self) -> &[Limit] {
        &self.confirm_email
    }
}

impl From<&RateLimit> for Limit {
    fn from(limit: &RateLimit) -> Self {
        Self {
            rate: Rate {
                amount: usize::try_from(limit.attempts).unwrap_or(usize::MAX),
                period: TimeDelta::from_std(limit.per).unwrap_or(TimeDelta::MAX),
            },
            per: match limit.by {
                LimitedBy::Ip => Per::Source,
                LimitedBy::Key => Per::Key,
                LimitedBy::User => Per::User,
            },
        }
    }
}
