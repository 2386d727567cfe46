//! A provider of identities that speaks `OpenID` Connect, for tests: it signs what it is told to.

mod endpoints;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rest_auth_domain::clock::{Clock as _, SystemClock};
use serde_json::{Map, Value, json};
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
    /// The forms that were posted to the token endpoint.
    exchanges: Vec<Form>,
    /// Each is taken once, and another one handed out for it.
    refresh_tokens: HashSet<String>,
    next: u32,
    is_down: bool,
    hides_issuer: bool,
    withholds_id_tokens: bool,
}

/// The fields of a form.
pub type Form = HashMap<String, String>;

struct Key {
    id: String,
    key: EncodingKey,
}

/// A code that was handed out, and what it was asked for with.
struct Code {
    claims: Value,
    /// None: the `sub` of the claims.
    profile: Option<Value>,
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
            exchanges: Vec::new(),
            refresh_tokens: HashSet::new(),
            next: 1,
            is_down: false,
            hides_issuer: false,
            withholds_id_tokens: false,
        };
        let state = Arc::new(Mutex::new(inner));
        let app = endpoints::router(&state);
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

    /// The same under a header that says that it is of this kind (`typ`).
    #[must_use]
    pub fn token_of_kind(&self, kind: &str, claims: &Value) -> String {
        self.locked().signed(kind, claims)
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
        let (redirect_uri, challenge) = (redirect_uri.to_owned(), String::new());
        self.keep(Code { claims, profile: None, redirect_uri, challenge })
    }

    /// The same, with a profile behind the access token.
    #[must_use]
    pub fn code_with_profile(&self, claims: Value, profile: Value, redirect_uri: &str) -> String {
        let (redirect_uri, challenge) = (redirect_uri.to_owned(), String::new());
        self.keep(Code { claims, profile: Some(profile), redirect_uri, challenge })
    }

    fn keep(&self, kept: Code) -> String {
        let mut inner = self.locked();
        let code = inner.fresh("code");
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

    /// The user says yes: the query that the browser comes back with. The ID token has the nonce that
    /// was asked for, unless the claims say otherwise.
    #[must_use]
    pub fn consent(&self, asked: &Asked, mut claims: Value) -> String {
        if claims.get("nonce").is_none() {
            claims["nonce"] = asked.get("nonce").into();
        }
        let code = self.keep(Code {
            claims,
            profile: None,
            redirect_uri: asked.get("redirect_uri").to_owned(),
            challenge: asked.get("code_challenge").to_owned(),
        });
        let inner = self.locked();
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

    /// It answers codes with an access token alone from now on.
    pub fn withhold_id_tokens(&self) {
        self.locked().withholds_id_tokens = true;
    }

    /// It forgets the refresh tokens that it handed out.
    pub fn end_refresh_tokens(&self) {
        self.locked().refresh_tokens.clear();
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

    /// The forms that were posted to the token endpoint.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Form> {
        self.locked().exchanges.clone()
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
        self.signed("JWT", claims)
    }

    fn signed(&self, kind: &str, claims: &Value) -> String {
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
        let (key_id, typ) = (Some(key.id.clone()), Some(kind.to_owned()));
        let header = Header { kid: key_id, typ, ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, &all, &key.key).expect("a token")
    }
}

fn locked(state: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
