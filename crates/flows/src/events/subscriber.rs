//! Subscribers to events, and what they receive.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::event::Event;

/// An event with when, and by what request, it happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Occurrence {
    /// What happened.
    pub event: Event,
    /// When, in UTC.
    pub at: DateTime<Utc>,
    /// The address of the client; `None` for commands.
    pub address: Option<IpAddr>,
    /// What the client calls itself; may be empty.
    pub user_agent: String,
    /// The id of the request, as the log has it; `None` for commands.
    pub request_id: Option<String>,
}

/// A function of the application that is called with every event.
#[derive(Clone)]
pub struct Subscriber(pub(super) Arc<dyn Fn(&Occurrence) + Send + Sync>);

impl Subscriber {
    /// A subscriber. It is called on the thread of the request, before the answer: it must not block,
    /// and sends what takes time to a task of its own.
    pub fn new(subscriber: impl Fn(&Occurrence) + Send + Sync + 'static) -> Self {
        Self(Arc::new(subscriber))
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber").finish_non_exhaustive()
    }
}
