//! Where a user is logged in, what browsers they trust, and how fresh their last proof is.

use chrono::{DateTime, Utc};
use rest_auth_flows::reauthentication::Standing;
use rest_auth_flows::sessions::LoginEntry;
use rest_auth_flows::trusted_browsers::Listed;
use serde::Serialize;
use utoipa::ToSchema;

/// A login of the user.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session<'e> {
    /// What ends it.
    #[schema(min_length = 22, max_length = 22)]
    id: &'e str,
    /// What it goes on with: `token`, `jwt` or `session`.
    kind: &'static str,
    /// When the user logged in.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// When it ends unless it is used; null: never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// The address of the device; null if it is not known.
    ip: Option<&'e str>,
    /// What the browser or app calls itself; null if it is not known.
    user_agent: Option<&'e str>,
    /// What was proven, in the names of RFC 8176: `pwd`, `otp`, `hwk`, `swk`, `user`, `mfa`, and `fed` for
    /// a provider.
    amr: &'e [String],
    /// Whether the request belongs to it.
    is_current: bool,
}

impl<'e> Session<'e> {
    /// The login, with times as `written`.
    pub(crate) fn new(entry: &'e LoginEntry, written: impl Fn(DateTime<Utc>) -> String) -> Self {
        Self {
            id: &entry.id,
            kind: entry.kind.name(),
            created_at: written(entry.created_at),
            last_seen_at: written(entry.last_seen_at),
            expires_at: entry.expires_at.map(&written),
            ip: known(&entry.ip),
            user_agent: known(&entry.user_agent),
            amr: &entry.amr,
            is_current: entry.is_current,
        }
    }
}

/// A browser that is not asked for the second factor.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrustedBrowser<'b> {
    id: i64,
    /// When it was trusted.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last spared the user the second factor.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// The address that it had when it was trusted; null if it is not known.
    ip: Option<&'b str>,
    /// What it calls itself; null if it is not known.
    user_agent: Option<&'b str>,
    /// Whether the request comes from it.
    is_current: bool,
}

impl<'b> TrustedBrowser<'b> {
    /// The browser, with times as `written`.
    pub(crate) fn new(browser: &'b Listed, written: impl Fn(DateTime<Utc>) -> String) -> Self {
        Self {
            id: browser.id,
            created_at: written(browser.created_at),
            last_seen_at: written(browser.last_seen_at),
            ip: known(&browser.ip),
            user_agent: known(&browser.user_agent),
            is_current: browser.is_current,
        }
    }
}

/// What the user can prove again, and how fresh the last proof is.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReauthenticationStatus {
    /// What can be sent: `password`, `totp`, `recovery_code`, `passkey`; with `provider` alone the user
    /// has to log in again.
    methods: Vec<&'static str>,
    /// Until when the last proof is good; null if there is none.
    #[schema(format = DateTime)]
    reauthenticated_until: Option<String>,
}

impl ReauthenticationStatus {
    /// The status, with times as `written`.
    pub(crate) fn new(standing: &Standing, written: impl Fn(DateTime<Utc>) -> String) -> Self {
        Self {
            methods: standing.methods.iter().map(|method| method.name()).collect(),
            reauthenticated_until: standing.until.map(written),
        }
    }
}

/// A proof that was accepted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reauthenticated {
    /// Until when it is good.
    #[schema(format = DateTime)]
    pub(crate) reauthenticated_until: String,
}

fn known(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
