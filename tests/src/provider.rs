//! A provider of identities that speaks `OpenID` Connect, for tests: it signs what it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rest_auth_domain::clock::{Clock as _, SystemClock};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Our id there.
pub const CLIENT_ID: &str = "our-app";

/// The provider, on a free port of this machine until it is dropped.
pub struct OpenIdProvider {
    url: String,
    state: Shared,
    server: JoinHandle<()>,
}

type Shared = Arc<Mutex<Inner>>;

struct Inner {
    url: String,
    keys: Vec<Key>,
    codes: HashMap<String, Code>,
    profiles: HashMap<String, Value>,
    calls: Vec<String>,
    next: u32,
    is_down: bool,
    hides_issuer: bool,
}

struct Key {
    id: String,
    key: EncodingKey,
}

/// A code that was handed out, and what it was asked for with.
struct Code {
    claims: Value,
    redirect_uri: String,
    challenge: String,
}

/// What the browser was sent to the provider with.
#[derive(Clone, Debug)]
pub struct Asked(HashMap<String, String>);

impl Asked {
    /// A parameter; empty if it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl OpenIdProvider {
    /// Starts one.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let inner = Inner {
            url: url.clone(),
            keys: vec![Key::new(1)],
            codes: HashMap::new(),
            profiles: HashMap::new(),
            calls: Vec::new(),
            next: 1,
            is_down: false,
            hides_issuer: false,
        };
        let state = Arc::new(Mutex::new(inner));
        let app = router(&state);
        let server = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, app).await;
        });
        Self { url, state, server }
    }

    /// Its issuer, and where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The configuration of a server that knows it as `example`.
    #[must_use]
    pub fn config(&self) -> Value {
        json!({"socialaccount": {
            "allow_private_addresses": true,
            "providers": {"example": {
                "server_url": self.url,
                "name": "Example",
                "client_id": CLIENT_ID,
                "secret": "our-secret",
                "callback_url": "https://app.example.com/callback",
            }},
        }})
    }

    /// An ID token for us, with these claims in place of the usual ones; null removes one.
    #[must_use]
    pub fn id_token(&self, claims: &Value) -> String {
        self.locked().id_token(claims)
    }

    /// An access token with a profile behind it.
    #[must_use]
    pub fn access_token(&self, profile: Value) -> String {
        let mut inner = self.locked();
        let token = inner.fresh("access");
        inner.profiles.insert(token.clone(), profile);
        token
    }

    /// A code that is exchanged with this redirect URI for an ID token with these claims.
    #[must_use]
    pub fn code(&self, claims: Value, redirect_uri: &str) -> String {
        let mut inner = self.locked();
        let code = inner.fresh("code");
        let redirect_uri = redirect_uri.to_owned();
        let kept = Code { claims, redirect_uri, challenge: String::new() };
        inner.codes.insert(code.clone(), kept);
        code
    }

    /// What the address says that a browser was sent to.
    ///
    /// # Panics
    /// If it is not the provider's.
    #[must_use]
    pub fn asked(&self, address: &str) -> Asked {
        let query = address.strip_prefix(&format!("{}/authorize?", self.url));
        let query = query.unwrap_or_else(|| panic!("not the provider: {address}"));
        let pairs = form_urlencoded::parse(query.as_bytes());
        Asked(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The user says yes: the query that the browser comes back with.
    #[must_use]
    pub fn consent(&self, asked: &Asked, mut claims: Value) -> String {
        claims["nonce"] = asked.get("nonce").into();
        let mut inner = self.locked();
        let code = inner.fresh("code");
        let kept = Code {
            claims,
            redirect_uri: asked.get("redirect_uri").to_owned(),
            challenge: asked.get("code_challenge").to_owned(),
        };
        inner.codes.insert(code.clone(), kept);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", asked.get("state")).append_pair("code", &code);
        if !inner.hides_issuer {
            query.append_pair("iss", &inner.url);
        }
        query.finish()
    }

    /// It signs with another key from now on, and does not publish the old one.
    pub fn rotate_keys(&self) {
        let mut inner = self.locked();
        let number = inner.number();
        inner.keys = vec![Key::new(number)];
    }

    /// It answers 503 to everything, or not any more.
    pub fn set_down(&self, is_down: bool) {
        self.locked().is_down = is_down;
    }

    /// How often a path was asked for.
    #[must_use]
    pub fn calls(&self, path: &str) -> usize {
        self.locked().calls.iter().filter(|call| *call == path).count()
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        locked(&self.state)
    }
}

impl Drop for OpenIdProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Key {
    fn new(number: u32) -> Self {
        let pair = rcgen::KeyPair::generate().expect("a key");
        let pem = pair.serialize_pem();
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).expect("a key of P-256");
        Self { id: format!("key-{number}"), key }
    }

    fn public(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, Algorithm::ES256).expect("a public key");
        jwk.common.key_id = Some(self.id.clone());
        serde_json::to_value(jwk).expect("a key is JSON")
    }
}

impl Inner {
    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn fresh(&mut self, kind: &str) -> String {
        format!("{kind}-{}", self.number())
    }

    fn id_token(&self, claims: &Value) -> String {
        let now = SystemClock.now().timestamp();
        let mut all = json!({
            "iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 600,
            "sub": "user-1", "email": "grace@example.org", "email_verified": true,
            "given_name": "Grace", "family_name": "Hopper",
        });
        for (name, value) in claims.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let all: Map<_, _> = all.as_object().cloned().unwrap_or_default();
        let all: Map<_, _> = all.into_iter().filter(|(_, value)| !value.is_null()).collect();
        let key = self.keys.last().expect("a key");
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, &all, &key.key).expect("a token")
    }
}

fn locked(state: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn router(state: &Shared) -> Router {
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
    let form = form_urlencoded::parse(&body);
    let form: HashMap<_, _> = form.into_owned().collect();
    let mut inner = locked(&state);
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let refused = || answer(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}));
    let Some(code) = inner.codes.remove(field("code")) else { return refused() };
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
    let is_proven = code.challenge.is_empty() || code.challenge == digest;
    if !is_proven || code.redirect_uri != field("redirect_uri") {
        return refused();
    }
    let access_token = inner.fresh("access");
    let id_token = inner.id_token(&code.claims);
    let subject = code.claims.get("sub").cloned().unwrap_or_else(|| "user-1".into());
    inner.profiles.insert(access_token.clone(), json!({"sub": subject}));
    let tokens = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 600,
        "refresh_token": "refresh-1", "id_token": id_token,
    });
    answer(StatusCode::OK, &tokens)
}

async fn userinfo(State(state): State<Shared>, request: Request) -> Response {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer "));
    match token.and_then(|token| locked(&state).profiles.get(token).cloned()) {
        Some(profile) => answer(StatusCode::OK, &profile),
        None => answer(StatusCode::UNAUTHORIZED, &json!({"error": "invalid_token"})),
    }
}

fn answer(status: StatusCode, document: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}
