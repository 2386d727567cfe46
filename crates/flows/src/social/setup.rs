//! What an administrator has to know of the providers of a configuration.

use std::sync::Arc;

use rest_auth_domain::clock::{Clock, SystemClock};
use rest_auth_social::Social;

pub use rest_auth_social::{Examined, SocialSetupError};

use crate::links::LinkBase;
use crate::settings::{FlowSettings, ProviderSettings};

/// What has to be registered at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRegistration {
    /// The id of the provider here.
    pub id: String,
    /// Its name for users.
    pub name: String,
    /// Our ids there.
    pub client_ids: Vec<String>,
    /// Where it may send the browser: first where the server itself takes it.
    pub callback_urls: Vec<String>,
    /// Where it may tell what happens to its users (Apple).
    pub notification_url: Option<String>,
    /// What its button and One Tap post to (Google), where logins may end in the browser.
    pub one_tap_url: Option<String>,
}

/// What has to be registered at each provider whose login works.
#[must_use]
pub fn registrations(settings: &FlowSettings, base: &LinkBase) -> Vec<ClientRegistration> {
    let registration = |entry: &ProviderSettings| {
        let id = entry.id.clone();
        let mut callback_urls =
            vec![base.own_callback(settings, &id), base.callback(settings, &id)];
        callback_urls.extend(entry.callback_url.clone());
        callback_urls.extend(entry.callback_urls.clone());
        let mut seen = Vec::new();
        callback_urls.retain(|url| {
            let is_new = !seen.contains(url);
            seen.push(url.clone());
            is_new
        });
        let client_ids = entry.apps.iter().flat_map(|app| app.client_ids.clone()).collect();
        let of_kind = |kind: &str, endpoint: &str| {
            (entry.provider == kind).then(|| base.of_provider(settings, &id, endpoint))
        };
        if entry.takes_token_secrets() {
            callback_urls.clear();
        }
        let in_browser = settings.social.redirect_url.is_some();
        ClientRegistration {
            name: entry.display_name().to_owned(),
            client_ids,
            callback_urls,
            notification_url: of_kind("apple", "notifications"),
            one_tap_url: of_kind("google", "onetap").filter(|_| in_browser),
            id,
        }
    };
    settings.social.providers.configured().map(registration).collect()
}

/// Looks at a provider as far as that needs no user. Empty: it is not configured.
///
/// # Errors
/// [`SocialSetupError`] names the key that cannot work.
pub async fn examine(settings: &FlowSettings, id: &str) -> Result<Vec<Examined>, SocialSetupError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(Social::new(&settings.social, &clock)?.examine(id).await)
}
