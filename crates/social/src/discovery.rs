//! The discovery document of a server (`OpenID` Connect Discovery 1.0, RFC 8414).

use serde_json::{Map, Value};

use crate::configured::{Configured, Endpoints};
use crate::error::SocialError;
use crate::http::{Http, Request};

/// Where the document of an issuer is.
pub(crate) fn url(issuer: &str) -> String {
    let issuer = issuer.trim_end_matches('/');
    if issuer.contains("/.well-known/") {
        issuer.to_owned()
    } else {
        format!("{issuer}/.well-known/openid-configuration")
    }
}

/// Fetches a document.
pub(crate) async fn fetch(http: &Http, url: &str) -> Result<Map<String, Value>, SocialError> {
    let answer = http.send(&Request::get(url)?).await?;
    let document = answer.object().filter(|_| answer.is_success());
    document.ok_or_else(|| {
        let status = answer.status;
        SocialError::Unavailable(format!("{url} answers {status} and no discovery document"))
    })
}

/// The endpoints of a provider, completed by the document of its server.
pub(crate) fn complete(
    provider: &Configured,
    document: &Map<String, Value>,
) -> Result<Endpoints, SocialError> {
    let overrides = &provider.settings.openid_configuration_overrides;
    let member = |name: &str| overrides.get(name).or_else(|| document.get(name));
    let text = |name: &str| member(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut endpoints = provider.endpoints.clone();
    let issuer = text("issuer");
    check_issuer(&issuer, &endpoints.discovery, overrides.contains_key("issuer"))?;
    for (slot, name) in [
        (&mut endpoints.authorize, "authorization_endpoint"),
        (&mut endpoints.token, "token_endpoint"),
        (&mut endpoints.profile, "userinfo_endpoint"),
        (&mut endpoints.keys, "jwks_uri"),
        (&mut endpoints.check, "introspection_endpoint"),
    ] {
        if slot.is_empty() {
            *slot = text(name);
        }
    }
    if endpoints.issuers.is_empty() {
        endpoints.issuers.push(issuer);
    }
    if endpoints.basic.is_none() {
        let methods = member("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        // As in allauth the secret goes into the body wherever the server takes it there.
        let takes_post = methods.is_some_and(|all| all.iter().any(|m| m == "client_secret_post"));
        endpoints.basic = Some(!takes_post);
    }
    endpoints.names_issuer =
        member("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true));
    Ok(endpoints)
}

/// The document must be about the issuer that it was asked for (section 4.3): another server's
/// document would lend us its keys. Microsoft's has `{tenantid}` where ours has a word.
fn check_issuer(issuer: &str, asked: &str, is_overridden: bool) -> Result<(), SocialError> {
    let asked = asked.split("/.well-known/").next().unwrap_or_default();
    let is_same = issuer.trim_end_matches('/') == asked.trim_end_matches('/');
    let is_template = issuer.split_once("{tenantid}").is_some_and(|(before, after)| {
        asked.starts_with(before)
            && asked.trim_end_matches('/').ends_with(after.trim_end_matches('/'))
    });
    if is_overridden || is_same || is_template {
        return Ok(());
    }
    Err(SocialError::Unavailable(format!(
        "the discovery document of {asked} names another issuer, {issuer:?}"
    )))
}
