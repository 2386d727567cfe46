//! Documents at the root of the host, where browsers look for them (RFC 8615).

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::get;
use rest_auth_flows::passkeys::relying_party;
use serde::Serialize;

use crate::api::Api;

/// The pages that may use the passkeys of this host though they lie on another (WebAuthn, related
/// origins).
#[derive(Serialize)]
struct RelatedOrigins {
    origins: Vec<String>,
}

/// What browsers look for at the root of the host: `/.well-known/webauthn`, where
/// `passkeys.rp_origins` reach beyond `passkeys.rp_id`. A server of its own has it; an application
/// that embeds the API merges it into its own routes.
pub fn well_known<S>(api: &Api) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let settings = api.auth().settings();
    let related = relying_party::related_origins(&settings.passkeys);
    let Some(origins) = related.filter(|_| settings.apps.passkeys) else { return Router::new() };
    // A list of texts is always JSON.
    let document = Bytes::from(serde_json::to_vec(&RelatedOrigins { origins }).unwrap_or_default());
    let json = HeaderValue::from_static("application/json");
    let answer = move || std::future::ready(([(CONTENT_TYPE, json)], document).into_response());
    Router::new().route("/.well-known/webauthn", get(answer))
}
