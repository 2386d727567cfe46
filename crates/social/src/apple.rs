//! Apple's notifications, from server to server.

use chrono::{DateTime, Utc};
use rest_auth_domain::openid::IdTokenError;
use rest_auth_domain::openid::IdTokenRules;
use rest_auth_domain::openid::id_token::{NOTICE_AGE, key_id, verify_notice};
use serde_json::Value;

use crate::configured::ALGORITHMS;
use crate::error::SocialError;
use crate::once::{self, Once};
use crate::social::Social;

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppleNotification {
    /// Whom it is about.
    pub uid: String,
    /// What happened.
    pub notice: AppleNotice,
    /// What it is known by, so that it counts once.
    pub once: Once,
}

/// What happened to a user at Apple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppleNotice {
    /// The user does not use Apple with this app any more.
    ConsentRevoked,
    /// The user has deleted their account at Apple.
    AccountDeleted,
    /// Something else, such as a relay address that is switched off.
    Other,
}

impl Social {
    /// Reads a notification that Apple signed for one of our apps.
    ///
    /// # Errors
    /// [`SocialError::IdToken`] if it is not Apple's, not for us or old.
    pub async fn apple_notification(
        &self,
        id: &str,
        payload: &str,
        now: DateTime<Utc>,
    ) -> Result<AppleNotification, SocialError> {
        let provider = self.provider(id)?;
        let endpoints = self.endpoints(provider).await?;
        let key = key_id(payload)?;
        let keys = self.keys(&endpoints.keys, key.as_deref()).await?;
        let rules = IdTokenRules {
            issuers: &endpoints.issuers,
            audiences: &provider.client_ids,
            checks_party: self.rules().checks_party,
            algorithms: ALGORITHMS,
            nonce: None,
            leeway: self.rules().leeway,
        };
        let claims = verify_notice(payload, &keys, &rules, now)?;
        // The events are JSON within JSON; there is one in each notification.
        let events = match claims.get("events") {
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            Some(other) => other.clone(),
            None => Value::Null,
        };
        let text = |name: &str| events.get(name).and_then(Value::as_str);
        let uid = text("sub").ok_or(IdTokenError::Subject)?.to_owned();
        let notice = match text("type") {
            Some("consent-revoked") => AppleNotice::ConsentRevoked,
            Some("account-delete" | "account-deleted") => AppleNotice::AccountDeleted,
            _ => AppleNotice::Other,
        };
        let issued = once::seconds(&claims, "iat");
        // It is accepted in the last second, too.
        let once = once::of(payload, &claims, issued + NOTICE_AGE.num_seconds() + 1);
        Ok(AppleNotification { uid, notice, once })
    }
}
