//! The discovery document of a server (`OpenID` Connect Discovery 1.0, RFC 8414).

use serde_json::{Map, Value};
use url::Url;

use crate::configured::{Configured, Endpoints};
use crate::error::SocialError;
use crate::http::{Http, Request, is_loopback};

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
    match answer.document() {
        Some(Value::Object(document)) if answer.is_success() => Ok(document),
        _ => {
            let status = answer.status;
            let problem = format!("{url} answers {status} and no discovery document");
            Err(SocialError::Unavailable(problem))
        }
    }
}

/// The endpoints of a provider, completed by the document of its server.
///
/// # Errors
/// [`SocialError::Document`] if an address in it is one that nobody may be sent to;
/// [`SocialError::Unavailable`] if it is about another server.
pub(crate) fn complete(
    provider: &Configured,
    document: &Map<String, Value>,
    allows_private: bool,
) -> Result<Endpoints, SocialError> {
    let overrides = &provider.settings.openid_configuration_overrides;
    let member = |name: &str| overrides.get(name).or_else(|| document.get(name));
    let text = |name: &str| member(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut endpoints = provider.endpoints.clone();
    let issuer = text("issuer");
    check_issuer(&issuer, &endpoints.discovery, overrides.contains_key("issuer"))?;
    for (slot, name, key) in [
        (&mut endpoints.authorize, "authorization_endpoint", "authorize_url"),
        (&mut endpoints.token, "token_endpoint", "access_token_url"),
        (&mut endpoints.profile, "userinfo_endpoint", "identity_url"),
        (&mut endpoints.keys, "jwks_uri", "certs_url"),
        (&mut endpoints.check, "introspection_endpoint", "check_url"),
    ] {
        if slot.is_empty() {
            let found = text(name);
            if !found.is_empty() && !is_address(&found, allows_private) {
                return Err(SocialError::Document(format!(
                    "the discovery document has {found:?} as its `{name}`, which is no https \
                     address; correct it at the provider, or set `{key}`"
                )));
            }
            *slot = found;
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

/// Whether a browser may be sent to an address, or this server ask it, as far as its scheme tells. A
/// parser passes over line ends, and a browser does, too.
fn is_address(text: &str, allows_private: bool) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let is_allowed = match url.scheme() {
        "https" => true,
        "http" => allows_private || is_loopback(&url),
        _ => false,
    };
    is_allowed && text.bytes().all(|byte| byte.is_ascii_graphic())
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

#[cfg(test)]
mod tests {
    use rest_auth_settings::SettingValue as _;
    use serde_json::json;

    use super::*;
    use crate::settings::Providers;

    /// The endpoints by a document with these members.
    fn completed(members: &Value, allows_private: bool) -> Result<Endpoints, SocialError> {
        let table = json!({"server_url": "https://id.example.com", "client_id": "c"});
        let all = Providers::parse(&json!({"acme": table})).unwrap();
        let provider = Configured::new(all.get("acme").unwrap(), allows_private).unwrap();
        let mut document = members.as_object().cloned().unwrap();
        document.insert("issuer".to_owned(), "https://id.example.com".into());
        complete(&provider, &document, allows_private)
    }

    #[test]
    fn an_address_to_which_nobody_may_be_sent_is_refused_by_its_name() {
        for (name, address) in [
            ("authorization_endpoint", "javascript:alert(1)"),
            ("authorization_endpoint", "https://id.example.com/\r\nok: all"),
            ("authorization_endpoint", "http://id.example.com/authorize"),
            ("authorization_endpoint", "/authorize"),
            ("token_endpoint", "file:///etc/passwd"),
            ("userinfo_endpoint", "http://id.example.com/me"),
            ("jwks_uri", "data:application/json,{}"),
            ("introspection_endpoint", "id.example.com/check"),
        ] {
            let error = completed(&json!({name: address}), false).unwrap_err();
            assert!(matches!(error, SocialError::Document(_)), "{error}");
            let told = error.to_string();
            assert!(told.contains(&format!("`{name}`")) && !told.contains('\n'), "{told}");
        }
    }

    #[test]
    fn http_is_for_private_networks_and_the_own_machine() {
        let at = |url: &str| json!({"authorization_endpoint": url});
        for (url, allows_private) in [
            ("https://id.example.com/authorize", false),
            ("http://localhost:8080/authorize", false),
            ("http://id.example.com/authorize", true),
        ] {
            let found = completed(&at(url), allows_private).unwrap();
            assert_eq!(found.authorize, url);
        }
    }
}
