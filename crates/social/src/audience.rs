//! Whether an access token from an app was issued to us (RFC 9700, section 4.6).

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::configured::{Configured, Endpoints};
use crate::error::SocialError;
use crate::http::{Http, Request};
use crate::provider::{AudienceCheck, CheckRequest};

/// Asks the provider for whom a token is.
pub(crate) async fn check(
    http: &Http,
    provider: &Configured,
    endpoints: &Endpoints,
    access_token: &str,
) -> Result<(), SocialError> {
    let (request, places) = match provider.record.protocol.check {
        AudienceCheck::Impossible => return Err(SocialError::AudienceUnknown),
        // A token of another app fails there.
        AudienceCheck::ByProfile => return Ok(()),
        AudienceCheck::Asked(request, places) => (request, places),
    };
    if endpoints.check.is_empty() {
        return Err(SocialError::AudienceUnknown);
    }
    let asked = Request::get(&endpoints.check)?;
    let asked = match request {
        CheckRequest::Query(_) => asked.query("access_token", access_token),
        CheckRequest::Header(word, _) => {
            asked.header("authorization", &format!("{word} {access_token}"))
        }
        CheckRequest::Basic(_) => {
            with_basic(asked, provider).json(&json!({"access_token": access_token}))
        }
        CheckRequest::Introspection(_) => introspection(asked, provider, endpoints, access_token),
    };
    let answer = http.send(&asked).await?;
    if answer.status >= 500 {
        return Err(SocialError::Unavailable(format!("it answers {}", answer.status)));
    }
    let document = answer.document().filter(|_| answer.is_success());
    let document = document.ok_or(SocialError::ForeignAudience)?;
    let is_dead = document.get("active") != Some(&Value::Bool(true));
    if matches!(request, CheckRequest::Introspection(_)) && is_dead {
        return Err(SocialError::ForeignAudience);
    }
    let is_ours = |place: &&str| {
        let id = match document.pointer(place) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return false,
        };
        provider.client_ids.contains(&id)
    };
    if places.iter().any(is_ours) { Ok(()) } else { Err(SocialError::ForeignAudience) }
}

fn with_basic(request: Request, provider: &Configured) -> Request {
    let credentials = format!("{}:{}", provider.settings.client_id(), provider.secret());
    let credentials = BASE64.encode(credentials.as_bytes());
    request.header("authorization", &format!("Basic {credentials}"))
}

/// RFC 7662, section 2.1.
fn introspection(
    request: Request,
    provider: &Configured,
    endpoints: &Endpoints,
    access_token: &str,
) -> Request {
    let token = ("token", access_token);
    if endpoints.basic.unwrap_or(provider.record.protocol.token_request.basic) {
        return with_basic(request, provider).form(&[token]);
    }
    let client_id = ("client_id", provider.settings.client_id());
    request.form(&[token, client_id, ("client_secret", provider.secret())])
}
