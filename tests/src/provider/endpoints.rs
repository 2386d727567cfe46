//! What the provider answers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Form, Inner, Key, Shared, locked};

pub(super) fn router(state: &Shared) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/keys", get(keys))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .layer(middleware::from_fn_with_state(Arc::clone(state), count))
        .with_state(Arc::clone(state))
}

/// Counts a call, and refuses it while the provider is down.
async fn count(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let is_down = {
        let mut inner = locked(&state);
        inner.calls.push(request.uri().path().to_owned());
        inner.is_down
    };
    if is_down { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { next.run(request).await }
}

async fn discovery(State(state): State<Shared>) -> Response {
    let url = locked(&state).url.clone();
    answer(
        StatusCode::OK,
        &json!({
            "issuer": url,
            "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"),
            "userinfo_endpoint": format!("{url}/userinfo"),
            "jwks_uri": format!("{url}/keys"),
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": !locked(&state).hides_issuer,
        }),
    )
}

async fn keys(State(state): State<Shared>) -> Response {
    let keys: Vec<_> = locked(&state).keys.iter().map(Key::public).collect();
    answer(StatusCode::OK, &json!({"keys": keys}))
}

async fn token(State(state): State<Shared>, body: Bytes) -> Response {
    let form: Form = form_urlencoded::parse(&body).into_owned().collect();
    locked(&state).exchanges.push(form.clone());
    if form.get("grant_type").is_some_and(|kind| kind == "refresh_token") {
        // Long enough for another request to come meanwhile.
        tokio::time::sleep(Duration::from_millis(200)).await;
        return renewal(&mut locked(&state), &form);
    }
    exchange(&mut locked(&state), &form)
}

fn field<'f>(form: &'f Form, name: &str) -> &'f str {
    form.get(name).map_or("", String::as_str)
}

fn refused() -> Response {
    answer(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}))
}

fn exchange(inner: &mut Inner, form: &Form) -> Response {
    let Some(code) = inner.codes.remove(field(form, "code")) else { return refused() };
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(field(form, "code_verifier")));
    let is_proven = code.challenge.is_empty() || code.challenge == digest;
    if !is_proven || code.redirect_uri != field(form, "redirect_uri") {
        return refused();
    }
    let mut tokens = fresh_tokens(inner);
    if !inner.withholds_id_tokens {
        tokens["id_token"] = inner.id_token(&code.claims).into();
    }
    let subject = code.claims.get("sub").cloned().unwrap_or_else(|| "user-1".into());
    let profile = code.profile.unwrap_or_else(|| json!({"sub": subject}));
    let access_token = tokens["access_token"].as_str().unwrap_or_default().to_owned();
    inner.profiles.insert(access_token, profile);
    answer(StatusCode::OK, &tokens)
}

/// New tokens for a refresh token, which is used up.
fn renewal(inner: &mut Inner, form: &Form) -> Response {
    if inner.refresh_tokens.remove(field(form, "refresh_token")) {
        answer(StatusCode::OK, &fresh_tokens(inner))
    } else {
        refused()
    }
}

fn fresh_tokens(inner: &mut Inner) -> Value {
    let (access_token, refresh_token) = (inner.fresh("access"), inner.fresh("refresh"));
    inner.refresh_tokens.insert(refresh_token.clone());
    json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 600,
        "refresh_token": refresh_token,
    })
}

async fn userinfo(State(state): State<Shared>, request: Request) -> Response {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    // GitHub's word before it is another one than the standard's.
    let token = token.and_then(|value| value.rsplit(' ').next());
    match token.and_then(|token| locked(&state).profiles.get(token).cloned()) {
        Some(profile) => answer(StatusCode::OK, &profile),
        None => answer(StatusCode::UNAUTHORIZED, &json!({"error": "invalid_token"})),
    }
}

fn answer(status: StatusCode, document: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}
