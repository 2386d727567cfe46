//! A provider as it is configured: its record, with the addresses of this configuration.

use std::collections::BTreeMap;

use rest_auth_domain::jwt::Algorithm;
use rest_auth_domain::openid::ClientSecret;

use crate::addresses::TrustedEmail;
use crate::error::SocialSetupError;
use crate::profile::Source;
use crate::provider::{AudienceCheck, Pkce, Provider, Variable, VariableValues};
use crate::providers;
use crate::settings::{App, ProviderSettings, VerifiedEmail};
use crate::urls;

/// The algorithms of ID tokens that are accepted. A symmetric one is never: with it whoever knows the
/// client secret could sign.
pub(crate) const ALGORITHMS: &[Algorithm] = &[
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
];

/// One provider, ready to be asked.
#[derive(Clone)]
pub(crate) struct Configured {
    pub(crate) record: Provider,
    pub(crate) settings: ProviderSettings,
    pub(crate) endpoints: Endpoints,
    pub(crate) client_ids: Vec<String>,
    /// What stands for the names in the record's texts.
    values: BTreeMap<&'static str, String>,
    /// Signs the client secret, where the provider wants that (Apple).
    pub(crate) signed_secret: Option<ClientSecret>,
}

/// Where a provider is asked. What is empty comes from the discovery document, if there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Endpoints {
    pub(crate) discovery: String,
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) profile: String,
    pub(crate) emails: String,
    /// Where an ID token is shown, for what it says.
    pub(crate) shown: String,
    pub(crate) keys: String,
    pub(crate) check: String,
    pub(crate) issuers: Vec<String>,
    /// Whether the client's id and secret go into the header. None: as the record says.
    pub(crate) basic: Option<bool>,
    /// Whether the answers of the provider name their issuer (RFC 9207).
    pub(crate) names_issuer: bool,
}

impl Configured {
    /// Prepares a provider, which may be at a private address if that is allowed.
    ///
    /// # Errors
    /// [`SocialSetupError`] names the key that is missing or wrong.
    pub(crate) fn new(
        settings: &ProviderSettings,
        allows_private: bool,
    ) -> Result<Self, SocialSetupError> {
        let record = providers::of(&settings.provider);
        urls::check(&record, settings, allows_private)?;
        let values = variables(&record, settings)?;
        let endpoints = endpoints(&record, settings, &values)?;
        let refused = |key: &str, message: &dyn std::fmt::Display| {
            SocialSetupError::new(&settings.id, key, message)
        };
        let app = settings.apps.first();
        let signed_secret = app
            .filter(|app| !app.certificate_key.is_empty())
            .map(|app| signed_secret(&settings.id, app))
            .transpose()?;
        if record.protocol.is_signed() && app.is_none_or(|app| app.secret.is_empty()) {
            return Err(refused("secret", &"is missing: requests are signed with it"));
        }
        if let Some(method) = &settings.token_auth_method
            && !["client_secret_post", "client_secret_basic"].contains(&method.as_str())
        {
            let message = "must be `client_secret_post` or `client_secret_basic`";
            return Err(refused("token_auth_method", &message));
        }
        let client_ids = settings.apps.iter().flat_map(|app| app.client_ids.clone()).collect();
        let settings = settings.clone();
        Ok(Self { record, settings, endpoints, client_ids, values, signed_secret })
    }

    /// A text of the record, with what the configuration puts into it.
    pub(crate) fn fill(&self, text: &str) -> String {
        filled(text, &self.values)
    }

    /// How its answers are read.
    pub(crate) fn source(&self) -> Source<'_> {
        Source {
            provider: &self.settings.provider,
            provider_id: Some(&self.settings.id),
            uid_field: self.settings.uid_field.as_deref(),
            email_field: self.settings.email_field.as_deref(),
            email_verified_field: self.settings.email_verified_field.as_deref(),
            trusted_email: match &self.settings.verified_email {
                VerifiedEmail::AsReported => TrustedEmail::AsReported,
                VerifiedEmail::All => TrustedEmail::All,
                VerifiedEmail::Domains(domains) => TrustedEmail::Domains(domains),
                VerifiedEmail::Never => TrustedEmail::Never,
            },
        }
    }

    /// Whether a proof key is sent.
    pub(crate) fn uses_pkce(&self) -> bool {
        let usual = self.record.protocol.pkce == Pkce::On;
        self.settings.oauth_pkce_enabled.unwrap_or(usual)
    }

    /// What is asked for.
    pub(crate) fn scope(&self) -> Vec<&str> {
        match &self.settings.scope {
            Some(scope) => scope.iter().map(String::as_str).collect(),
            None => self.record.protocol.scope.to_vec(),
        }
    }

    /// The secret of the app, from the configuration.
    pub(crate) fn secret(&self) -> &str {
        self.settings.apps.first().map_or("", |app| app.secret.expose())
    }
}

/// What signs the client secrets of an app, which needs all of its three parts.
fn signed_secret(provider: &str, app: &App) -> Result<ClientSecret, SocialSetupError> {
    let refused =
        |key: &str, message: &dyn std::fmt::Display| SocialSetupError::new(provider, key, message);
    if app.secret.is_empty() {
        return Err(refused("secret", &"is missing: set it to the id of the `certificate_key`"));
    }
    if app.key.is_empty() {
        return Err(refused("key", &"is missing: set it to the id of your team at the provider"));
    }
    ClientSecret::new(app.certificate_key.expose(), app.secret.expose(), &app.key)
        .map_err(|error| refused("certificate_key", &error))
}

fn endpoints(
    record: &Provider,
    settings: &ProviderSettings,
    values: &BTreeMap<&'static str, String>,
) -> Result<Endpoints, SocialSetupError> {
    let protocol = &record.protocol;
    let url = |key: &str, template: &str| match settings.urls.get(key) {
        Some(url) => url.clone(),
        None => filled(template, values),
    };
    let check = match protocol.check {
        AudienceCheck::Asked(request, _) => request.url(),
        AudienceCheck::Impossible | AudienceCheck::ByProfile => "",
    };
    let (keys, issuers) = match protocol.id_tokens {
        Some(tokens) => (tokens.keys_url, tokens.issuers),
        None => ("", protocol.issuers),
    };
    let issuers = match settings.urls.get("id_token_issuer") {
        Some(issuer) => vec![issuer.clone()],
        None => issuers.iter().map(|issuer| filled(issuer, values)).collect(),
    };
    let found = Endpoints {
        discovery: filled(protocol.discovery, values),
        authorize: url("authorize_url", protocol.authorize_url),
        token: url("access_token_url", protocol.token_url),
        profile: url("identity_url", protocol.profile.url),
        emails: url("emails_url", protocol.emails_url),
        shown: url("id_token_url", protocol.shown_id_token.map_or("", |how| how.url)),
        keys: url("certs_url", keys),
        check: url("check_url", check),
        issuers,
        basic: settings.token_auth_method.as_ref().map(|method| method == "client_secret_basic"),
        names_issuer: false,
    };
    let urls = [("authorize_url", &found.authorize), ("access_token_url", &found.token)];
    let is_needed = found.discovery.is_empty() && !protocol.is_signed();
    let missing = urls.into_iter().find(|(_, url)| url.is_empty() && is_needed);
    if let Some((key, _)) = missing {
        let message = "is missing: the addresses of this provider are not known";
        return Err(SocialSetupError::new(&settings.id, key, message));
    }
    Ok(found)
}

/// The parts of URLs, each with those before it filled in.
fn variables(
    record: &Provider,
    settings: &ProviderSettings,
) -> Result<BTreeMap<&'static str, String>, SocialSetupError> {
    let key = settings.apps.first().map_or("", |app| app.key.trim_end_matches('/')).to_owned();
    let is_set = |name: &str| match name {
        "key" => !key.is_empty(),
        name => settings.urls.contains_key(name),
    };
    let client_id = settings.client_id().to_owned();
    let mut values = BTreeMap::from([("client_id", client_id), ("key", key.clone())]);
    for variable in record.protocol.variables {
        let given = settings.urls.get(variable.name).cloned();
        let followed = variable.follows.filter(|(other, _)| is_set(other));
        let default = followed.map_or(variable.default, |(_, template)| template);
        let value = given.unwrap_or_else(|| filled(default, &values));
        let refused = |message: &str| SocialSetupError::new(&settings.id, variable.name, message);
        if value.is_empty() {
            return Err(refused("is missing"));
        }
        values.insert(variable.name, standing_for(variable, value).map_err(|m| refused(&m))?);
    }
    Ok(values)
}

/// What stands in a URL for a value, or what is wrong with it.
fn standing_for(variable: &Variable, value: String) -> Result<String, String> {
    let value = match value.strip_prefix("https://").filter(|_| variable.is_host) {
        Some(host) => host.to_owned(),
        None => value,
    };
    let found = |all: &[(&str, &str)]| {
        all.iter().find(|(name, _)| *name == value).map(|(_, other)| (*other).to_owned())
    };
    match variable.values {
        VariableValues::Any => Ok(value),
        VariableValues::Named(all) => Ok(found(all).unwrap_or(value)),
        VariableValues::OneOf(all) => found(all).ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|(name, _)| format!("`{name}`")).collect();
            format!("must be {}", names.join(" or "))
        }),
    }
}

fn filled(template: &str, values: &BTreeMap<&'static str, String>) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}
