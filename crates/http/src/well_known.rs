//! Documents at the root of the host, where browsers look for them (RFC 8615).

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::get;
use rest_auth_flows::passkeys::relying_party;
use rest_auth_flows::settings::PasskeySettings;
use serde::Serialize;

use crate::api::Api;

/// The pages that may use the passkeys of this host though they lie on another (WebAuthn, related
/// origins).
#[derive(Serialize)]
struct RelatedOrigins {
    origins: Vec<String>,
}

/// The pages of the front end about passkeys (W3C, Passkey Endpoints).
#[derive(Serialize)]
struct PasskeyEndpoints<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    enroll: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manage: Option<&'s str>,
}

/// What browsers and password managers look for at the root of the host: `/.well-known/webauthn`,
/// where `passkeys.rp_origins` reach beyond `passkeys.rp_id`; `/.well-known/passkey-endpoints` and
/// `/.well-known/change-password`, where the settings name pages of the front end. A server of its
/// own has them; an application that embeds the API merges them into its own routes.
pub fn well_known<S>(api: &Api) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let settings = api.auth().settings();
    let mut router = Router::new();
    let passkeys = Some(&settings.passkeys).filter(|_| settings.apps.passkeys);
    if let Some(origins) = passkeys.and_then(relying_party::related_origins) {
        router = router.merge(document("/.well-known/webauthn", &RelatedOrigins { origins }));
    }
    if let Some(endpoints) = passkeys.and_then(endpoints) {
        router = router.merge(document("/.well-known/passkey-endpoints", &endpoints));
    }
    let page = settings.rest_auth.password_change_url.as_deref();
    if let Some(page) = page.and_then(|page| HeaderValue::from_str(page).ok()) {
        let answer = move || std::future::ready((StatusCode::FOUND, [(LOCATION, page)]));
        router = router.route("/.well-known/change-password", get(answer));
    }
    router
}

fn endpoints(settings: &PasskeySettings) -> Option<PasskeyEndpoints<'_>> {
    let (enroll, manage) = (settings.enroll_url.as_deref(), settings.manage_url.as_deref());
    (enroll.is_some() || manage.is_some()).then_some(PasskeyEndpoints { enroll, manage })
}

fn document<S>(path: &str, content: &impl Serialize) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    // Texts are always JSON.
    let document = Bytes::from(serde_json::to_vec(content).unwrap_or_default());
    let json = HeaderValue::from_static("application/json");
    let answer = move || std::future::ready(([(CONTENT_TYPE, json)], document).into_response());
    Router::new().route(path, get(answer))
}
