//! Who a user is, by what an app or the browser got from a provider.

use chrono::{DateTime, Utc};
use rest_auth_domain::encoding;
use rest_auth_domain::openid::id_token::looks_like_one;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::audience;
use crate::error::SocialError;
use crate::exchange::{self, Code, ProviderTokens};
use crate::once::{self, Once};
use crate::profile::{SocialProfile, extract};
use crate::provider::IdentitySource;
use crate::social::{Bound, Social};
use crate::userinfo::Ask;

/// The most bytes of what is shown to the provider: no usual server reads a longer line in a header. A
/// request that it cuts off would look like one to a provider that is down, which is left alone for a
/// while.
const LONGEST: usize = 8 * 1024;

/// What a request sends to log in with. Absent and empty texts are the same.
#[derive(Clone, Default)]
pub struct Presented {
    /// An access token that the app got.
    pub access_token: String,
    /// A code that the app or the browser got.
    pub code: String,
    /// The secret of the access token (OAuth 1.0a).
    pub token_secret: String,
    /// An ID token that the app got.
    pub id_token: String,
    /// The proof key of the code (RFC 7636).
    pub code_verifier: String,
    /// Where the provider sent the code.
    pub redirect_uri: String,
    /// What the ID token must be bound to.
    pub nonce: String,
    /// What VK sends beside a code, and wants back.
    pub device_id: String,
    /// The name that Apple sends beside a code, once and unsigned: given and family name.
    pub name: Option<(String, String)>,
}

impl Presented {
    /// Whether something is longer than anything that a provider issues. An ID token is shown to nobody.
    fn is_too_long(&self) -> bool {
        let Self { access_token, code, token_secret, code_verifier, device_id, .. } = self;
        let shown = [access_token, code, token_secret, code_verifier, device_id];
        shown.into_iter().any(|text| text.len() > LONGEST)
    }
}

/// A user, as a provider knows them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Identity {
    /// The user.
    pub profile: SocialProfile,
    /// What the provider issued.
    pub tokens: ProviderTokens,
    /// How the user proved to the provider who they are (`amr`, RFC 8176); empty if it does not say.
    pub amr: Vec<String>,
    /// Which class of authentication that was (`acr`).
    pub acr: Option<String>,
    /// What an ID token from an app is known by, so that it works once.
    #[serde(skip)]
    pub once: Option<Once>,
}

impl Social {
    /// Asks a provider who a user is. `with_emails`: also for the list of their addresses, where that
    /// is a request of its own.
    ///
    /// # Errors
    /// [`SocialError`].
    pub async fn identify(
        &self,
        id: &str,
        presented: &Presented,
        with_emails: bool,
        now: DateTime<Utc>,
    ) -> Result<Identity, SocialError> {
        let provider = self.provider(id)?;
        let Presented { access_token, code, id_token, .. } = presented;
        if access_token.is_empty() && code.is_empty() && id_token.is_empty() {
            return Err(SocialError::NothingSent);
        }
        if presented.is_too_long() {
            return Err(SocialError::Refused("it is longer than any".to_owned()));
        }
        let endpoints = self.endpoints(provider).await?;
        let ask = Ask { provider, endpoints: &endpoints, now, with_emails };
        if access_token.is_empty() && !code.is_empty() {
            return self.by_code(ask, presented).await;
        }
        let tokens = ProviderTokens {
            access_token: access_token.clone(),
            refresh_token: presented.token_secret.clone(),
            id_token: Some(id_token.clone()).filter(|token| !token.is_empty()),
            ..ProviderTokens::default()
        };
        self.by_tokens(ask, presented, tokens).await
    }

    /// By a code: what the provider answers to it is for us.
    async fn by_code(&self, ask: Ask<'_>, presented: &Presented) -> Result<Identity, SocialError> {
        let verifier = Some(presented.code_verifier.as_str()).filter(|text| !text.is_empty());
        let redirect_uri = &presented.redirect_uri;
        let code =
            Code { text: &presented.code, verifier, redirect_uri, device_id: &presented.device_id };
        let (provider, endpoints) = (ask.provider, ask.endpoints);
        let tokens = exchange::code(self.http(), provider, endpoints, code, ask.now).await?;
        let nonce = Some(presented.nonce.as_str()).filter(|nonce| !nonce.is_empty());
        let reads_it = provider.record.protocol.identity != IdentitySource::Profile;
        let claims = match tokens.id_token.as_ref().filter(|_| reads_it) {
            Some(token) => {
                Some(self.claims(provider, endpoints, Bound { token, nonce }, ask.now).await?)
            }
            // Only the ID token shows that the answer is to this login.
            None if nonce.is_some() && reads_it && asks_for_id_token(ask) => {
                return Err(SocialError::Exchange("the answer has no ID token".to_owned()));
            }
            None => None,
        };
        let mut identity = self.identity(ask, tokens, claims).await?;
        // An ID token says who it is; the name beside it is the user's own word.
        if let Some((first, last)) = &presented.name {
            let profile = &mut identity.profile;
            if profile.first_name.is_empty() && profile.last_name.is_empty() {
                (profile.first_name, profile.last_name) = (cut(first), cut(last));
            }
        }
        Ok(identity)
    }

    /// By tokens that an app got: they must be shown to be ours.
    async fn by_tokens(
        &self,
        ask: Ask<'_>,
        presented: &Presented,
        tokens: ProviderTokens,
    ) -> Result<Identity, SocialError> {
        let source = ask.provider.record.protocol.identity;
        let counts = match source {
            // As in dj-rest-auth an ID token beside an access token is ignored.
            IdentitySource::Profile | IdentitySource::TokenResponse => {
                tokens.access_token.is_empty()
            }
            IdentitySource::IdTokenOrProfile | IdentitySource::IdToken | IdentitySource::Both => {
                true
            }
        };
        if let Some(token) = tokens.id_token.clone().filter(|_| counts) {
            let nonce = Some(presented.nonce.as_str()).filter(|nonce| !nonce.is_empty());
            let bound = Bound { token: &token, nonce };
            let claims = self.claims(ask.provider, ask.endpoints, bound, ask.now).await?;
            let once = once::of(&token, &claims, once::seconds(&claims, "exp"));
            // An access token beside it may be anybody's: it is not asked about, nor kept.
            let tokens = ProviderTokens { id_token: Some(token), ..ProviderTokens::default() };
            let identity = self.identity(ask, tokens, Some(claims)).await?;
            return Ok(Identity { once: Some(once), ..identity });
        }
        let issues_some = !ask.endpoints.keys.is_empty();
        let is_id_token = issues_some && looks_like_one(&tokens.access_token);
        if source == IdentitySource::IdToken || (is_id_token && is_for_us(ask, &tokens)) {
            return Err(SocialError::IdTokenAsAccessToken);
        }
        let checks = ask.provider.settings.check_access_token_audience;
        if checks.unwrap_or(self.rules().checks_audience) {
            audience::check(self.http(), ask.provider, ask.endpoints, &tokens.access_token).await?;
        }
        self.identity(ask, tokens, None).await
    }

    async fn identity(
        &self,
        ask: Ask<'_>,
        tokens: ProviderTokens,
        claims: Option<Map<String, Value>>,
    ) -> Result<Identity, SocialError> {
        let said = |name: &str| claims.as_ref().and_then(|claims| claims.get(name));
        let amr = said("amr").and_then(Value::as_array).into_iter().flatten();
        let amr = amr.filter_map(|method| method.as_str().map(str::to_owned)).collect();
        let acr = said("acr").and_then(Value::as_str).map(str::to_owned);
        let data = self.data(ask, &tokens, claims).await?;
        let profile = extract(&ask.provider.source(), data)?;
        Ok(Identity { profile, tokens, amr, acr, once: None })
    }

    /// What the provider says about the user.
    async fn data(
        &self,
        ask: Ask<'_>,
        tokens: &ProviderTokens,
        claims: Option<Map<String, Value>>,
    ) -> Result<Value, SocialError> {
        match (ask.provider.record.protocol.identity, claims) {
            (IdentitySource::TokenResponse, _) => Ok(Value::Object(tokens.rest.clone())),
            (IdentitySource::IdToken, None) => Err(SocialError::NoIdTokens),
            (IdentitySource::Both, Some(claims)) => self.both(ask, tokens, claims).await,
            (_, Some(claims)) => Ok(Value::Object(claims)),
            (IdentitySource::Both, None) => {
                Ok(json!({"userinfo": self.profile(ask, tokens).await?}))
            }
            (_, None) => self.profile(ask, tokens).await,
        }
    }

    /// The claims, and the profile beside them, which must be about the same user (`OpenID` Connect
    /// Core, section 5.3.2).
    async fn both(
        &self,
        ask: Ask<'_>,
        tokens: &ProviderTokens,
        claims: Map<String, Value>,
    ) -> Result<Value, SocialError> {
        let fetches = ask.provider.settings.fetch_userinfo.unwrap_or(true);
        if !fetches || tokens.access_token.is_empty() || ask.endpoints.profile.is_empty() {
            return Ok(json!({"id_token": claims}));
        }
        let profile = self.profile(ask, tokens).await?;
        if profile.get("sub") != claims.get("sub") {
            return Err(SocialError::DifferentUsers);
        }
        Ok(json!({"userinfo": profile, "id_token": claims}))
    }
}

/// Whether the provider has to answer a code with an ID token.
fn asks_for_id_token(ask: Ask<'_>) -> bool {
    !ask.endpoints.keys.is_empty() && ask.provider.scope().contains(&"openid")
}

/// Whether a JWT that came as an access token is an ID token for this app. The access tokens of
/// some providers are JWTs, too.
fn is_for_us(ask: Ask<'_>, tokens: &ProviderTokens) -> bool {
    let payload = tokens.access_token.split('.').nth(1).and_then(encoding::from_base64url);
    let claims = payload.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
    let audience = claims.and_then(|claims| claims.get("aud").cloned());
    let is_ours = |value: &Value| {
        value.as_str().is_some_and(|id| ask.provider.client_ids.iter().any(|ours| ours == id))
    };
    match audience {
        Some(Value::Array(all)) => all.iter().any(is_ours),
        Some(one) => is_ours(&one),
        None => false,
    }
}

/// What a column can hold of a name.
fn cut(name: &str) -> String {
    name.chars().filter(|c| *c != '\0').take(150).collect()
}
