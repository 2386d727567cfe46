//! Exchanges a code for tokens (RFC 6749, section 4.1.3, and RFC 7636).

use std::fmt;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret,
    ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, StandardRevocableToken, StandardTokenResponse, TokenResponse as _, TokenUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::configured::{Configured, Endpoints};
use crate::error::SocialError;
use crate::http::{Http, Request};
use crate::provider::{Encoding, TokenRequest};

/// The tokens of a provider.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct ProviderTokens {
    /// The access token; empty if there is none.
    pub access_token: String,
    /// The refresh token; for a provider that is asked by signed requests, the secret of the access
    /// token, because allauth keeps both in the same column. Empty if there is none.
    pub refresh_token: String,
    /// The ID token.
    pub id_token: Option<String>,
    /// How many seconds the access token is valid.
    pub expires_in: Option<u64>,
    /// What else the provider answered.
    #[serde(skip)]
    pub(crate) rest: Map<String, Value>,
}

impl fmt::Debug for ProviderTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderTokens").finish_non_exhaustive()
    }
}

/// What a provider answers beside the standard's fields.
#[derive(Debug, Deserialize, Serialize)]
struct Extra {
    #[serde(default)]
    id_token: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl ExtraTokenFields for Extra {}

type Response = StandardTokenResponse<Extra, BasicTokenType>;

/// A code, and what it was asked for with.
#[derive(Clone, Copy)]
pub(crate) struct Code<'c> {
    pub(crate) text: &'c str,
    pub(crate) verifier: Option<&'c str>,
    pub(crate) redirect_uri: &'c str,
    /// What VK sends beside it.
    pub(crate) device_id: &'c str,
}

/// Exchanges a code.
pub(crate) async fn code(
    http: &Http,
    provider: &Configured,
    endpoints: &Endpoints,
    code: Code<'_>,
    now: DateTime<Utc>,
) -> Result<ProviderTokens, SocialError> {
    let client = client(provider, endpoints, now)?;
    let mut request = client.exchange_code(AuthorizationCode::new(code.text.to_owned()));
    let redirect = RedirectUrl::new(code.redirect_uri.to_owned());
    let redirect = redirect.map_err(|error| SocialError::Exchange(error.to_string()))?;
    if provider.record.protocol.token_request.redirect_uri {
        request = request.set_redirect_uri(std::borrow::Cow::Owned(redirect));
    }
    if let Some(verifier) = code.verifier {
        request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
    }
    if provider.record.protocol.token_request.device_id && !code.device_id.is_empty() {
        request = request.add_extra_param("device_id", code.device_id.to_owned());
    }
    tokens(request.request_async(&RequestSender::new(http, provider)).await)
}

/// Renews an access token (RFC 6749, section 6).
pub(crate) async fn refresh(
    http: &Http,
    provider: &Configured,
    endpoints: &Endpoints,
    refresh_token: &str,
    now: DateTime<Utc>,
) -> Result<ProviderTokens, SocialError> {
    let client = client(provider, endpoints, now)?;
    let token = RefreshToken::new(refresh_token.to_owned());
    let refresh = client.exchange_refresh_token(&token);
    let sender = RequestSender { renews: true, ..RequestSender::new(http, provider) };
    tokens(refresh.request_async(&sender).await)
}

type OAuthClient = Client<
    BasicErrorResponse,
    Response,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    oauth2::EndpointSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
>;

fn client(
    provider: &Configured,
    endpoints: &Endpoints,
    now: DateTime<Utc>,
) -> Result<OAuthClient, SocialError> {
    let wrong = |error: url::ParseError| SocialError::Unavailable(format!("its URL: {error}"));
    let client_id = provider.settings.client_id().to_owned();
    let basic = endpoints.basic.unwrap_or(provider.record.protocol.token_request.basic);
    let client = Client::new(ClientId::new(client_id.clone()))
        .set_auth_uri(AuthUrl::new(endpoints.authorize.clone()).map_err(wrong)?)
        .set_token_uri(TokenUrl::new(endpoints.token.clone()).map_err(wrong)?)
        .set_auth_type(if basic { AuthType::BasicAuth } else { AuthType::RequestBody });
    let secret = match &provider.signed_secret {
        Some(signer) => signer
            .mint(&client_id, now)
            .map_err(|error| SocialError::Exchange(error.to_string()))?,
        None => provider.secret().to_owned(),
    };
    Ok(if secret.is_empty() { client } else { client.set_client_secret(ClientSecret::new(secret)) })
}

/// Sends the requests of the library. It owns what it needs, because the library's futures ask for
/// every lifetime at once.
struct RequestSender {
    http: Http,
    way: TokenRequest,
    headers: Vec<(&'static str, String)>,
    /// Whether a token is renewed, which can be tried again when the provider is up. A code is lost.
    renews: bool,
}

impl RequestSender {
    fn new(http: &Http, provider: &Configured) -> Self {
        let protocol = provider.record.protocol;
        let headers = protocol.profile.headers.iter();
        let headers = headers.map(|(name, value)| (*name, provider.fill(value))).collect();
        Self { http: http.clone(), way: protocol.token_request, headers, renews: false }
    }
}

impl<'c> AsyncHttpClient<'c> for RequestSender {
    type Error = SocialError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, SocialError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(send(self, request))
    }
}

/// Sends the request of the library in the provider's way, and makes its answer the standard's.
async fn send(sender: &RequestSender, standard: HttpRequest) -> Result<HttpResponse, SocialError> {
    let way = sender.way;
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(standard.body())
        .map(|(name, value)| {
            let name = match &*name {
                "client_id" => way.client_id.to_owned(),
                "client_secret" => way.client_secret.to_owned(),
                _ => name.into_owned(),
            };
            (name, value.into_owned())
        })
        .collect();
    let mut request = Request::get(&standard.uri().to_string())?;
    if let Some(credentials) = standard.headers().get(reqwest::header::AUTHORIZATION) {
        request.headers.insert(reqwest::header::AUTHORIZATION, credentials.clone());
    }
    let all = || fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    request = match way.encoding {
        Encoding::Query => all().fold(request, |request, (name, value)| request.query(name, value)),
        Encoding::Form => request.form(&all().collect::<Vec<_>>()),
        Encoding::Json => {
            let member = |(name, value): (&str, &str)| (name.to_owned(), value.into());
            request.json(&Value::Object(all().map(member).collect()))
        }
    };
    for (name, value) in &sender.headers {
        request = request.header(name, value);
    }
    let answer = sender.http.send(&request).await?;
    if sender.renews && answer.status >= 500 {
        return Err(SocialError::Unavailable(format!("it answers {}", answer.status)));
    }
    let status = if answer.is_success() { 200 } else { answer.status };
    let Some(members) = answer.object() else {
        let problem = format!("it answers {} and neither a token nor an error", answer.status);
        return Err(SocialError::Exchange(problem));
    };
    let body = Value::Object(standard_answer(members)).to_string().into_bytes();
    let mut response = HttpResponse::new(body);
    *response.status_mut() = status.try_into().unwrap_or_default();
    Ok(response)
}

/// The answer with what the standard requires, which not every provider sends.
fn standard_answer(mut members: Map<String, Value>) -> Map<String, Value> {
    // Tokens have no such characters (RFC 6749, appendix A), and no header or database takes them.
    for name in ["access_token", "refresh_token"] {
        let token = members.get(name).and_then(Value::as_str).unwrap_or_default();
        if token.contains(char::is_control) {
            members.remove(name);
        }
    }
    let has_type = members.get("token_type").is_some_and(Value::is_string);
    if members.contains_key("access_token") && !has_type {
        members.insert("token_type".to_owned(), "bearer".into());
    }
    // What is beside the token keeps nobody out: nonsense is as good as nothing.
    let seconds = match members.get("expires_in") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_u64(),
        None => None,
    };
    members.insert("expires_in".to_owned(), seconds.map_or(Value::Null, Value::from));
    if members.get("refresh_token").is_some_and(|token| !token.is_string()) {
        members.remove("refresh_token");
    }
    // Twitch lists the scopes.
    if let Some(Value::Array(scopes)) = members.get("scope") {
        let scopes: Vec<_> = scopes.iter().filter_map(Value::as_str).collect();
        let scopes = scopes.join(" ");
        members.insert("scope".to_owned(), scopes.into());
    }
    members
}

fn tokens(
    answered: Result<Response, RequestTokenError<SocialError, BasicErrorResponse>>,
) -> Result<ProviderTokens, SocialError> {
    let response = answered.map_err(|error| match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(refusal) => {
            SocialError::Exchange(refusal.error().to_string())
        }
        RequestTokenError::Parse(error, _) => SocialError::Exchange(error.to_string()),
        RequestTokenError::Other(reason) => SocialError::Exchange(reason),
    })?;
    let extra = response.extra_fields();
    Ok(ProviderTokens {
        access_token: response.access_token().secret().clone(),
        refresh_token: response.refresh_token().map(|t| t.secret().clone()).unwrap_or_default(),
        id_token: extra.id_token.clone().filter(|token| !token.is_empty()),
        expires_in: response.expires_in().map(|time| time.as_secs()),
        rest: extra.rest.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The lifetime and the refresh token of an answer with these members beside the token.
    fn read(more: &Value) -> (Option<u64>, String) {
        let mut members = more.as_object().cloned().unwrap();
        members.insert("access_token".to_owned(), "t".into());
        let answer = serde_json::from_value::<Response>(standard_answer(members).into());
        let found = tokens(Ok(answer.unwrap())).unwrap();
        assert_eq!(found.access_token, "t");
        (found.expires_in, found.refresh_token)
    }

    #[test]
    fn nonsense_beside_a_token_is_as_good_as_nothing() {
        for nonsense in [json!(-5), json!("soon"), json!([]), json!({}), json!(true), json!(null)] {
            assert_eq!(read(&json!({"expires_in": nonsense})).0, None, "{nonsense}");
        }
        for nonsense in [json!([]), json!(["r"]), json!({}), json!(1), json!(null)] {
            assert_eq!(read(&json!({"refresh_token": nonsense})).1, "", "{nonsense}");
        }
        for nonsense in ["r\0", "\0", "a\nb", "\u{7f}"] {
            assert_eq!(read(&json!({"refresh_token": nonsense})).1, "", "{nonsense:?}");
            let answer = json!({"access_token": nonsense}).as_object().cloned().unwrap();
            let answer = serde_json::from_value::<Response>(standard_answer(answer).into());
            assert!(answer.is_err(), "{nonsense:?}");
        }
        let both = json!({"expires_in": "60", "refresh_token": "r"});
        assert_eq!(read(&both), (Some(60), "r".to_owned()));
        assert_eq!(read(&json!({"expires_in": 60})).0, Some(60));
    }
}
