//! Limits on attempts: `account.rate_limits`, and how they are counted.
//!
//! A flow that is limited begins with [`consume`]. It counts before it queries the database, so
//! that the answer does not depend on who is registered. What was not served, because the server had
//! too much to do, is given back. `rules` are the limits as they are
//! configured, `mail_allowance` counts mails to one address.

pub(crate) mod mail_allowance;
pub(crate) mod rules;

use chrono::TimeDelta;
use rest_auth_domain::rate::Per;

use crate::auth::Auth;
use crate::client::{Client, network_of};
use crate::counted::Counted;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::throttle::Counter;
use rules::Limit;

pub use rules::Action;

/// The key by which attempts are counted: the source, the user and the subject.
#[derive(Clone, Debug)]
pub struct LimitKey<'a> {
    client: &'a Client,
    user: Option<i64>,
    key: Option<String>,
}

impl<'a> LimitKey<'a> {
    /// Attempts from a device.
    #[must_use]
    pub fn at(client: &'a Client) -> Self {
        Self { client, user: None, key: None }
    }

    /// Of a user who is logged in.
    #[must_use]
    pub fn user(self, id: i64) -> Self {
        Self { user: Some(id), ..self }
    }

    /// About this: an address, in the one spelling that all its spellings share.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }
}

/// Counts an attempt against every limit of an action, or refuses it and counts it against none.
///
/// # Errors
/// [`AuthError::Throttled`] with the longest time that any of the limits asks for, and errors of
/// the store that has the counters.
pub async fn consume(auth: &Auth, action: Action, key: &LimitKey<'_>) -> Result<(), AuthError> {
    let wait = count(auth, action, key).await?;
    refuse(auth, action, key, wait)
}

/// Counts an attempt as [`consume`] does, for a limit beyond which nothing is refused.
///
/// # Errors
/// Errors of the store that has the counters.
pub(crate) async fn note(auth: &Auth, action: Action, key: &LimitKey<'_>) -> Result<(), AuthError> {
    count(auth, action, key).await.map(drop)
}

/// Counts an attempt. The answer is how long to wait if there were too many, and then it was counted
/// against no limit.
async fn count(
    auth: &Auth,
    action: Action,
    key: &LimitKey<'_>,
) -> Result<Option<TimeDelta>, AuthError> {
    let counters = counters(auth, action, key);
    if counters.is_empty() {
        return Ok(None);
    }
    let now = auth.now();
    let wait = auth.throttle().consume(&counters, now).await?;
    if wait.is_none() {
        key.client.counted.add(counters, now);
    }
    Ok(wait)
}

/// Takes back everything that a request was counted as, because it was not served: whoever comes
/// while the server has too much to do has tried nothing.
pub async fn give_back(auth: &Auth, counted: &Counted) {
    for attempt in counted.take() {
        if let Err(error) = auth.throttle().give_back(&attempt.counters, attempt.at).await {
            // They stay counted, as long as their windows last.
            tracing::debug!(%error, "attempts could not be given back");
        }
    }
}

/// Refuses what [`consume`] would refuse, and counts nothing.
///
/// # Errors
/// As [`consume`].
pub(crate) async fn peek(auth: &Auth, action: Action, key: &LimitKey<'_>) -> Result<(), AuthError> {
    let counters = counters(auth, action, key);
    if counters.is_empty() {
        return Ok(());
    }
    refuse(auth, action, key, auth.throttle().wait(&counters, auth.now()).await?)
}

/// Whether [`peek`] would refuse. Nothing is recorded, since nothing is refused.
///
/// # Errors
/// Errors of the store that has the counters.
pub(crate) async fn is_reached(
    auth: &Auth,
    action: Action,
    key: &LimitKey<'_>,
) -> Result<bool, AuthError> {
    let counters = counters(auth, action, key);
    Ok(!counters.is_empty() && auth.throttle().wait(&counters, auth.now()).await?.is_some())
}

/// Whether an action has a limit.
pub(crate) fn is_limited(auth: &Auth, action: Action) -> bool {
    !auth.limits().of(action).is_empty()
}

/// Resets the counters of an action for its subject, or for the user who is logged in. The counters
/// of the source stay.
///
/// # Errors
/// Errors of the store that has the counters.
pub(crate) async fn reset(
    auth: &Auth,
    action: Action,
    key: &LimitKey<'_>,
) -> Result<(), AuthError> {
    reset_all(auth, &[action], key).await
}

/// The same of several actions.
///
/// # Errors
/// Errors of the store that has the counters.
pub(crate) async fn reset_all(
    auth: &Auth,
    actions: &[Action],
    key: &LimitKey<'_>,
) -> Result<(), AuthError> {
    let of_subject = |per: Per| match per {
        Per::Key => true,
        Per::User => key.user.is_some(),
        Per::Ip => false,
    };
    let counters_of = |action: Action| {
        let limits = auth.limits().of(action).iter().filter(|limit| of_subject(limit.per));
        limits.map(move |limit| counter(auth, action, *limit, key))
    };
    let counters: Vec<_> = actions.iter().copied().flat_map(counters_of).collect();
    if counters.is_empty() {
        return Ok(());
    }
    auth.throttle().clear(&counters).await
}

fn refuse(
    auth: &Auth,
    action: Action,
    key: &LimitKey<'_>,
    wait: Option<TimeDelta>,
) -> Result<(), AuthError> {
    let Some(wait) = wait else { return Ok(()) };
    events::record(auth, key.client, Event::LimitReached { limit: action.name() });
    Err(AuthError::Throttled { retry_in: wait.to_std().unwrap_or_default() })
}

fn counters(auth: &Auth, action: Action, key: &LimitKey<'_>) -> Vec<Counter> {
    let limits = auth.limits().of(action);
    limits.iter().map(|limit| counter(auth, action, *limit, key)).collect()
}

/// The window of a limit. If no user is logged in, or the action has no subject, the source is
/// counted, so that a configured limit always has an effect.
fn counter(auth: &Auth, action: Action, limit: Limit, key: &LimitKey<'_>) -> Counter {
    let whose = match (limit.per, key.user, &key.key) {
        (Per::User, Some(user), _) => format!("user/{user}"),
        (Per::Key, _, Some(key)) => format!("key/{key}"),
        _ => format!("ip/{}", source(auth, key.client)),
    };
    let (action, seconds) = (action.name(), limit.rate.period.as_seconds_f64());
    Counter { key: format!("{action}/{seconds}/{whose}"), rate: limit.rate }
}

/// The source of a request, by which limits count.
#[must_use]
pub fn source(auth: &Auth, client: &Client) -> String {
    let prefix = auth.settings().addresses.rate_limit_ipv6_prefix;
    client.address.map_or_else(|| "?".to_owned(), |a| network_of(a, prefix).to_string())
}
