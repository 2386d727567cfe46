//! Events of accounts, and their subscribers.
//!
//! A flow reports an event once, after its transaction has committed. [`record`] writes the log line
//! and calls the subscribers of the application; whatever stores or sends events later is called
//! here, too. Events hold ids and no secrets.

mod event;
pub(crate) mod subscriber;

use crate::auth::Auth;
use crate::client::Client;

pub use event::{Event, EventOutcome};
pub use subscriber::{Occurrence, Subscriber};

/// Reports an event: writes its log line and calls the subscribers.
pub fn record(auth: &Auth, client: &Client, event: Event) {
    log(client, &event);
    if auth.subscribers().is_empty() {
        return;
    }
    let occurrence = Occurrence {
        event,
        at: auth.now(),
        address: client.address,
        user_agent: client.user_agent.clone(),
        request_id: client.request_id.clone(),
    };
    for subscriber in auth.subscribers() {
        (subscriber.0)(&occurrence);
    }
}

/// The id of the request is a field of the span around it.
fn log(client: &Client, event: &Event) {
    let (name, outcome, user) = (event.name(), event.outcome().as_str(), event.user());
    let address = client.address.map(tracing::field::display);
    match event {
        Event::Reauthenticated { method, .. } => {
            let factors = method.name();
            tracing::info!(event = name, outcome, user, address, factors);
        }
        Event::Login { factors, .. } => {
            let factors = factors.iter().map(|factor| factor.name()).collect::<Vec<_>>().join(",");
            tracing::info!(event = name, outcome, user, address, factors);
        }
        Event::EmailAdded { address: address_id, .. }
        | Event::EmailRemoved { address: address_id, .. } => {
            tracing::info!(event = name, outcome, user, address, address_id);
        }
        Event::Invitation { invitation } => {
            tracing::info!(event = name, outcome, invitation, address);
        }
        Event::HostRefused { reason }
        | Event::OriginRefused { reason }
        | Event::CsrfRefused { reason } => {
            tracing::info!(event = name, outcome, reason, address);
        }
        Event::SecondFactorRefused { reason, .. } => {
            tracing::info!(event = name, outcome, user, reason, address);
        }
        Event::SocialLoginFailed { provider, reason } => {
            tracing::info!(event = name, outcome, provider, reason, address);
        }
        Event::SocialAccountConnected { provider, .. }
        | Event::SocialAccountDisconnected { provider, .. }
        | Event::SocialConsentRevoked { provider, .. } => {
            tracing::info!(event = name, outcome, user, provider, address);
        }
        Event::LimitReached { limit } => {
            tracing::info!(event = name, outcome, limit, address);
        }
        Event::RefreshTokenReused { .. } | Event::PasskeyCopied { .. } => {
            tracing::warn!(event = name, outcome, user, address);
        }
        _ => tracing::info!(event = name, outcome, user, address),
    }
}
