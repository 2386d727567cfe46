//! What is known of Django's tables.

use std::sync::atomic::AtomicBool;

/// The tables that not every project has. All are there until a database is seen that lacks them.
#[derive(Debug)]
pub(crate) struct Present {
    pub(crate) addresses: AtomicBool,
    pub(crate) tokens: AtomicBool,
    pub(crate) blacklist: AtomicBool,
    pub(crate) allauth_mfa: AtomicBool,
    pub(crate) social_accounts: AtomicBool,
    pub(crate) mfa: AtomicBool,
    pub(crate) user_sessions: AtomicBool,
}

impl Default for Present {
    fn default() -> Self {
        let there = || AtomicBool::new(true);
        Self {
            addresses: there(),
            tokens: there(),
            blacklist: there(),
            allauth_mfa: there(),
            social_accounts: there(),
            mfa: there(),
            user_sessions: there(),
        }
    }
}
