//! The addresses in the table of a provider: whether they can be asked, before anybody asks.

use serde_json::Value;
use url::Url;

use crate::error::SocialSetupError;
use crate::http;
use crate::provider::{Protocol, Provider};
use crate::settings::ProviderSettings;

/// The members of a discovery document that are addresses which this server asks.
const ASKED_MEMBERS: [&str; 4] =
    ["token_endpoint", "userinfo_endpoint", "jwks_uri", "introspection_endpoint"];

/// The part of the address of a discovery document that no issuer has.
const WELL_KNOWN: &str = "/.well-known/";

/// What may be in an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It is asked as it is written.
    Asked,
    /// Browsers alone are sent there.
    Visited,
    /// Others are put together from it.
    Base,
    /// The same without its scheme, which is https.
    Host,
    /// It is compared, and nobody asks it.
    Name,
}

/// Checks every address that is configured.
///
/// # Errors
/// [`SocialSetupError`] names the key at fault, and what to write.
pub(crate) fn check(
    record: &Provider,
    settings: &ProviderSettings,
    allows_private: bool,
) -> Result<(), SocialSetupError> {
    let refused = |key: &str, problem: String| SocialSetupError::new(&settings.id, key, problem);
    for (name, text) in &settings.urls {
        if let Some((role, text)) = address(&record.protocol, name, text)
            && let Some(problem) = problem(role, &text, allows_private)
        {
            return Err(refused(name, problem));
        }
    }
    let overrides = &settings.openid_configuration_overrides;
    for name in ASKED_MEMBERS.into_iter().filter(|name| overrides.contains_key(*name)) {
        let text = overrides.get(name).and_then(Value::as_str).unwrap_or_default();
        if let Some(problem) = problem(Role::Asked, text, allows_private) {
            return Err(refused(&format!("openid_configuration_overrides.{name}"), problem));
        }
    }
    Ok(())
}

/// The address that a key holds, with its role; none if it holds something else.
fn address(protocol: &Protocol, name: &str, text: &str) -> Option<(Role, String)> {
    let Some(variable) = protocol.variables.iter().find(|variable| variable.name == name) else {
        let role = match name {
            "authorize_url" => Role::Visited,
            "id_token_issuer" => Role::Name,
            _ => Role::Asked,
        };
        return Some((role, text.to_owned()));
    };
    if variable.is_host {
        let has_scheme = text.contains("://");
        let whole = if has_scheme { text.to_owned() } else { format!("https://{text}") };
        return Some((Role::Host, whole));
    }
    let beginning = format!("{{{name}}}");
    let templates =
        [protocol.authorize_url, protocol.token_url, protocol.profile.url, protocol.discovery];
    let is_base = templates.iter().any(|template| template.starts_with(&beginning));
    is_base.then(|| (Role::Base, text.to_owned()))
}

/// What is wrong with an address, and what to write.
fn problem(role: Role, text: &str, allows_private: bool) -> Option<String> {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return Some("must begin with https://".to_owned());
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(error) => return Some(format!("is no address: {error}")),
    };
    if !url.username().is_empty() || url.password().is_some() {
        let problem = "has a user name or a password in it: leave them out, the provider is shown \
                       `client_id` and `secret`";
        return Some(problem.to_owned());
    }
    if url.fragment().is_some() {
        return Some("has a `#`, and what follows it is never sent: leave it out".to_owned());
    }
    // The whole address of a document may have a query, as that of Azure AD B2C does.
    if role == Role::Base && url.query().is_some() && !text.contains(WELL_KNOWN) {
        let problem = "has a `?`, and other addresses are put together from it: end it before that";
        return Some(problem.to_owned());
    }
    if role == Role::Host && url.scheme() != "https" {
        return Some("must begin with https://, or with the name of the host".to_owned());
    }
    match role {
        Role::Asked | Role::Base | Role::Host => http::refused(&url, allows_private),
        Role::Visited | Role::Name => None,
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::SettingValue as _;
    use serde_json::json;

    use super::*;
    use crate::providers;
    use crate::settings::Providers;

    fn checked(id: &str, table: &Value, allows_private: bool) -> Result<(), SocialSetupError> {
        let mut table = table.clone();
        table["client_id"] = "client".into();
        let all = Providers::parse(&json!({id: table})).unwrap();
        let settings = all.get(id).unwrap();
        check(&providers::of(&settings.provider), settings, allows_private)
    }

    fn refusal(id: &str, table: &Value) -> SocialSetupError {
        checked(id, table, false).expect_err(id)
    }

    #[test]
    fn an_address_that_is_never_asked_is_refused_by_its_key() {
        for (key, url, told) in [
            ("access_token_url", "http://acme.example/token", "by https"),
            ("identity_url", "https://10.0.0.1/me", "allow_private_addresses"),
            ("identity_url", "https://localhost/me", "allow_private_addresses"),
            ("access_token_url", "https://[fd00::1]/token", "allow_private_addresses"),
            ("check_url", "ftp://acme.example/check", "must begin with https://"),
            ("access_token_url", "https://", "is no address"),
        ] {
            let mut table = json!({
                "authorize_url": "https://acme.example/authorize",
                "access_token_url": "https://acme.example/token",
                "identity_url": "https://acme.example/me",
            });
            assert_eq!(checked("acme", &table, false), Ok(()));
            table[key] = url.into();
            let refused = refusal("acme", &table);
            assert_eq!(refused.key, format!("socialaccount.providers.acme.{key}"));
            assert!(refused.message.contains(told), "{url}: {refused}");
        }
    }

    #[test]
    fn a_server_is_named_without_a_login_a_query_and_a_fragment() {
        for (url, told) in [
            ("https://ada:secret@id.example.com", "user name or a password"),
            ("https://ada@id.example.com", "user name or a password"),
            ("https://id.example.com?realm=main", "`?`"),
            ("https://id.example.com#main", "`#`"),
            ("http://id.example.com", "by https"),
            ("https://192.168.0.7/realms/main", "allow_private_addresses"),
        ] {
            for (id, key) in [("acme", "server_url"), ("auth0", "auth0_url")] {
                let refused = refusal(id, &json!({key: url}));
                assert_eq!(refused.key, format!("socialaccount.providers.{id}.{key}"));
                assert!(refused.message.contains(told), "{url}: {refused}");
                assert!(!refused.message.contains("secret@"), "{refused}");
            }
        }
        let whole = "https://b2c.example.com/.well-known/openid-configuration?p=sign_in";
        assert_eq!(checked("acme", &json!({"server_url": whole}), false), Ok(()));
    }

    #[test]
    fn what_browsers_visit_may_be_on_their_own_machine() {
        let table = json!({
            "authorize_url": "http://localhost:8080/authorize",
            "access_token_url": "https://acme.example/token",
            "identity_url": "https://acme.example/me",
        });
        assert_eq!(checked("acme", &table, false), Ok(()));
    }

    #[test]
    fn a_private_address_may_be_allowed_and_a_host_may_lack_its_scheme() {
        let private = json!({"server_url": "http://127.0.0.1:8080/realms/main"});
        assert_eq!(checked("acme", &private, true), Ok(()));
        for host in ["dev.okta.com", "https://dev.okta.com"] {
            assert_eq!(checked("okta", &json!({"okta_base_url": host}), false), Ok(()));
        }
        let refused = refusal("okta", &json!({"okta_base_url": "http://dev.okta.com"}));
        assert!(refused.message.contains("name of the host"), "{refused}");
    }

    #[test]
    fn what_a_document_should_say_is_checked_too() {
        let table = json!({
            "server_url": "https://id.example.com",
            "openid_configuration_overrides": {"token_endpoint": "http://id.example.com/token"},
        });
        let refused = refusal("acme", &table);
        let key = "socialaccount.providers.acme.openid_configuration_overrides.token_endpoint";
        assert_eq!(refused.key, key);
    }
}
