//! What can be found out about a provider without a user.

use url::Url;

use crate::configured::{Configured, Endpoints};
use crate::error::SocialError;
use crate::http::{Request, is_loopback};
use crate::provider::{AudienceCheck, IdentitySource};
use crate::social::Social;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The name of the part, such as `authorization`.
    pub part: &'static str,
    /// What it is, or why a login cannot work.
    pub result: Result<String, String>,
    /// Whether it may be wrong all the same.
    pub is_doubtful: bool,
}

impl Examined {
    fn new(part: &'static str, result: Result<String, String>) -> Self {
        Self { part, result, is_doubtful: false }
    }
}

impl Social {
    /// Looks at a provider: whether its addresses answer, its discovery document, its keys. Empty: it
    /// is not configured.
    pub async fn examine(&self, id: &str) -> Vec<Examined> {
        let Ok(provider) = self.provider(id) else { return Vec::new() };
        let mut examined = vec![Examined::new("secret", secret(provider))];
        let endpoints = match self.endpoints(provider).await {
            Ok(endpoints) => endpoints,
            Err(error) => {
                examined.push(Examined::new("discovery", Err(discovery_problem(&error))));
                return examined;
            }
        };
        if !endpoints.discovery.is_empty() {
            let found = format!("the issuer is {}", endpoints.issuers.join(", "));
            examined.push(Examined::new("discovery", Ok(found)));
        }
        if !provider.record.protocol.is_signed() {
            let (result, is_doubtful) = self.examine_pages(&endpoints).await;
            examined.push(Examined { part: "authorization", result, is_doubtful });
            let token = self.answers(&endpoints.token, "access_token_url").await;
            examined.push(Examined::new("token", token));
        }
        let identity = provider.record.protocol.identity;
        if matches!(identity, IdentitySource::Profile | IdentitySource::IdTokenOrProfile) {
            let profile = self.answers(&endpoints.profile, "identity_url").await;
            examined.push(Examined::new("profile", profile));
        }
        if !endpoints.keys.is_empty()
            || matches!(identity, IdentitySource::IdToken | IdentitySource::Both)
        {
            examined.push(Examined::new("keys", self.examine_keys(&endpoints).await));
        }
        let how = access_tokens(provider, &endpoints);
        examined.push(Examined::new("access tokens of apps", Ok(how)));
        examined
    }

    /// Where browsers are sent. An address of their own machine is another one's here, unless the
    /// provider is on this machine altogether. It is doubtful if it answers that there is no such page,
    /// as browsers ask for it in the same way.
    async fn examine_pages(&self, endpoints: &Endpoints) -> (Result<String, String>, bool) {
        let is_here = |url: &str| Url::parse(url).is_ok_and(|url| is_loopback(&url));
        if is_here(&endpoints.authorize) && !is_here(&endpoints.token) {
            return (address(&endpoints.authorize), false);
        }
        match self.status(&endpoints.authorize, "authorize_url").await {
            Ok(status) => {
                (Ok(told(&endpoints.authorize, "authorize_url", status)), is_missing(status))
            }
            Err(problem) => (Err(problem), false),
        }
    }

    /// Whether anybody answers at an address, whatever the answer to a request without a user is.
    /// `key` is the one that sets it.
    async fn answers(&self, url: &str, key: &str) -> Result<String, String> {
        Ok(told(url, key, self.status(url, key).await?))
    }

    async fn status(&self, url: &str, key: &str) -> Result<u16, String> {
        let url = address(url)?;
        let request = Request::get(&url).map_err(|error| error.to_string())?;
        match self.http().send(&request).await {
            Ok(answer) => Ok(answer.status),
            Err(error) => Err(format!(
                "{url}: {error}; correct `{key}`, or let this server reach the address"
            )),
        }
    }

    async fn examine_keys(&self, endpoints: &Endpoints) -> Result<String, String> {
        let url = address(&endpoints.keys)?;
        match self.keys(&url, None).await {
            Ok(keys) if keys.count() == 0 => Err(format!("{url} has no key that can be used")),
            Ok(keys) => Ok(format!("{} at {url}", keys.count())),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn discovery_problem(error: &SocialError) -> String {
    match error {
        // It says itself what to do.
        SocialError::Document(problem) => problem.clone(),
        error => format!("{error}; correct `server_url`, or let this server reach it"),
    }
}

fn secret(provider: &Configured) -> Result<String, String> {
    let signs = provider.record.protocol.identity == IdentitySource::IdToken;
    if provider.signed_secret.is_some() {
        return Ok("signed for each request".to_owned());
    }
    if signs {
        let message = "without `certificate_key`, `key` and `secret` no code can be exchanged";
        return Err(message.to_owned());
    }
    match (provider.secret(), provider.endpoints.discovery.as_str()) {
        ("", "") => Err("`secret` is missing: no code can be exchanged".to_owned()),
        ("", _) => Ok("none, as for a public client".to_owned()),
        _ => Ok("set".to_owned()),
    }
}

fn is_missing(status: u16) -> bool {
    matches!(status, 404 | 410)
}

fn told(url: &str, key: &str, status: u16) -> String {
    if is_missing(status) {
        format!("{url} answers {status} without a user: is `{key}` right?")
    } else {
        url.to_owned()
    }
}

fn address(url: &str) -> Result<String, String> {
    if url.is_empty() {
        return Err("neither the configuration nor the discovery document has it".to_owned());
    }
    Ok(url.to_owned())
}

fn access_tokens(provider: &Configured, endpoints: &Endpoints) -> String {
    match provider.record.protocol.check {
        AudienceCheck::ByProfile => "checked with the profile".to_owned(),
        AudienceCheck::Asked(..) if !endpoints.check.is_empty() => {
            format!("checked at {}", endpoints.check)
        }
        AudienceCheck::Asked(..) | AudienceCheck::Impossible => {
            "refused: nobody says to whom one was issued".to_owned()
        }
    }
}
