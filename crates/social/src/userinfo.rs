//! Asks a provider for the profile of a user.

use chrono::{DateTime, Utc};
use rest_auth_domain::encoding;
use rest_auth_domain::signing::hmac_sha256;
use serde_json::{Map, Value};

use crate::configured::{Configured, Endpoints};
use crate::error::SocialError;
use crate::exchange::ProviderTokens;
use crate::http::Request;
use crate::oauth1;
use crate::provider::{Placement, ProfileMethod, ProfileRequest};
use crate::social::Social;

/// What a provider answers that is asked too often.
const TOO_MANY_REQUESTS: u16 = 429;

/// Who is asked.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) provider: &'a Configured,
    pub(crate) endpoints: &'a Endpoints,
    pub(crate) now: DateTime<Utc>,
    pub(crate) with_emails: bool,
}

impl Social {
    /// The profile, with the addresses where they are a document of their own.
    pub(crate) async fn profile(
        &self,
        ask: Ask<'_>,
        tokens: &ProviderTokens,
    ) -> Result<Value, SocialError> {
        let protocol = &ask.provider.record.protocol;
        if let (Some(how), Some(token)) = (protocol.shown_id_token, &tokens.id_token) {
            return self.shown(ask, how, token).await;
        }
        let how = protocol.profile;
        let url = ask.endpoints.profile.replace("{access_token}", &in_path(&tokens.access_token));
        let mut request = profile_request(ask, how, &url, &tokens.access_token)?;
        for name in how.from_token_response {
            let value = tokens.rest.get(*name).map(text).unwrap_or_default();
            request = request.query(name, &value);
        }
        if protocol.is_signed() {
            request = oauth1::signed(request, ask.provider, tokens, ask.now.timestamp());
        }
        let mut profile = self.answer(how, &request).await?;
        if !ask.endpoints.emails.is_empty()
            && ask.with_emails
            && let Value::Object(members) = &mut profile
        {
            let url = Request::get(&ask.endpoints.emails)?;
            let request = with_token(ask, how, url, &tokens.access_token);
            if let Some(emails) = self.emails(&request).await? {
                members.insert("emails".to_owned(), emails);
            }
        }
        Ok(profile)
    }

    /// The addresses; none if the provider does not give them to us. Where it cannot be asked, nothing
    /// is known of them, and no account may be made without.
    async fn emails(&self, request: &Request) -> Result<Option<Value>, SocialError> {
        let answer = self.http().send(request).await?;
        if answer.status >= 500 || answer.status == TOO_MANY_REQUESTS {
            return Err(SocialError::Unavailable(format!("it answers {}", answer.status)));
        }
        if !answer.is_success() {
            return Ok(None);
        }
        let document = answer.document();
        let none = || SocialError::Refused("its list of addresses is no JSON".to_owned());
        document.map(Some).ok_or_else(none)
    }

    /// What the provider reads in an ID token.
    async fn shown(
        &self,
        ask: Ask<'_>,
        how: ProfileRequest,
        token: &str,
    ) -> Result<Value, SocialError> {
        let request = profile_request(ask, how, &ask.endpoints.shown, token)?;
        self.answer(how, &request).await
    }

    async fn answer(&self, how: ProfileRequest, request: &Request) -> Result<Value, SocialError> {
        let answer = self.http().send(request).await?;
        let refused = || match (how.token, request.url.host_str()) {
            (Placement::Signature, Some(host)) => SocialError::NoAccess(host.to_owned()),
            _ => SocialError::Refused(format!("it answers {}", answer.status)),
        };
        if answer.status >= 500 {
            return Err(SocialError::Unavailable(format!("it answers {}", answer.status)));
        }
        let document = answer.document().filter(|_| answer.is_success()).ok_or_else(refused)?;
        document.pointer(how.member).cloned().ok_or_else(refused)
    }
}

fn profile_request(
    ask: Ask<'_>,
    how: ProfileRequest,
    url: &str,
    access_token: &str,
) -> Result<Request, SocialError> {
    let mut request = Request::get(url)?;
    for (name, value) in how.query {
        request = request.query(name, &ask.provider.fill(value));
    }
    for (name, value) in how.email_query.iter().filter(|_| ask.with_emails) {
        request = request.query(name, value);
    }
    if let Some(fields) = how.fields {
        let scope = ask.provider.scope();
        let granted = fields.with_scope.iter().filter(|(needed, _)| scope.contains(needed));
        let granted = granted.flat_map(|(_, fields)| fields.iter());
        let all: Vec<_> = fields.always.iter().chain(granted).copied().collect();
        request = request.query(fields.parameter, &all.join(","));
    }
    request = with_token(ask, how, request, access_token);
    if how.proves_app {
        let secret = ask.provider.secret();
        let proof = hmac_sha256(secret.as_bytes(), access_token.as_bytes());
        request = request.query("appsecret_proof", &encoding::hex(&proof));
    }
    Ok(match how.method {
        ProfileMethod::Get => request,
        ProfileMethod::Post => request.post(),
        ProfileMethod::Form(fields) => {
            let mut fields: Vec<_> =
                fields.iter().map(|(name, value)| (*name, ask.provider.fill(value))).collect();
            if let Placement::Field(name) = how.token {
                fields.push((name, access_token.to_owned()));
            }
            let fields: Vec<_> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
            request.form(&fields)
        }
        ProfileMethod::Json(members) => {
            let member = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).into());
            request.json(&Value::Object(members.iter().map(member).collect::<Map<_, _>>()))
        }
    })
}

fn with_token(ask: Ask<'_>, how: ProfileRequest, request: Request, access_token: &str) -> Request {
    let request = match how.token {
        Placement::Header(word) => {
            request.header("authorization", &format!("{word} {access_token}"))
        }
        Placement::OwnHeader(name) => request.header(name, access_token),
        Placement::Query(name) => request.query(name, access_token),
        Placement::Field(_) | Placement::Path | Placement::Signature => request,
    };
    how.headers
        .iter()
        .fold(request, |request, (name, value)| request.header(name, &ask.provider.fill(value)))
}

/// A token as a segment of a path.
fn in_path(token: &str) -> String {
    url::form_urlencoded::byte_serialize(token.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A member of an answer as a parameter.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
