//! The address where the browser logs in at a provider (RFC 6749, section 4.1.1).

use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use reqwest::Url;
use rest_auth_domain::openid::id_token::is_accepted_issuer;

use crate::configured::Configured;
use crate::error::SocialError;
use crate::social::Social;

/// A login that a browser begins.
#[derive(Clone, Copy, Debug)]
pub struct Authorization<'a> {
    /// Where the provider sends the browser back.
    pub redirect_uri: &'a str,
    /// What the answer is bound to this browser by.
    pub state: &'a str,
    /// What an ID token is bound to this login by.
    pub nonce: &'a str,
    /// The secret that only who began the login has (RFC 7636).
    pub verifier: &'a str,
}

impl Social {
    /// The address at a provider to send the browser to.
    ///
    /// # Errors
    /// [`SocialError::Unavailable`] if the provider's discovery document cannot be had.
    pub async fn authorize(
        &self,
        id: &str,
        login: Authorization<'_>,
    ) -> Result<String, SocialError> {
        let provider = self.provider(id)?;
        let endpoints = self.endpoints(provider).await?;
        let protocol = &provider.record.protocol;
        let wrong = |error| SocialError::Unavailable(format!("its address is no URL: {error}"));
        let mut url = Url::parse(&endpoints.authorize).map_err(wrong)?;
        let scope = provider.scope().join(protocol.scope_separator);
        let asks_for_id_token = !endpoints.keys.is_empty();
        let verifier = PkceCodeVerifier::new(login.verifier.to_owned());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        {
            let mut query = url.query_pairs_mut();
            let client_id = provider.settings.client_id();
            query.append_pair(protocol.token_request.client_id, client_id);
            query.append_pair("redirect_uri", login.redirect_uri);
            query.append_pair("response_type", "code");
            // In the order that WeChat asks for.
            if !scope.is_empty() {
                query.append_pair("scope", &scope);
            }
            query.append_pair("state", login.state);
            if asks_for_id_token {
                query.append_pair("nonce", login.nonce);
            }
            if provider.uses_pkce() {
                query.append_pair("code_challenge", challenge.as_str());
                query.append_pair("code_challenge_method", challenge.method());
            }
            if protocol.form_post {
                query.append_pair("response_mode", "form_post");
            }
            for (name, value) in protocol.authorize_parameters {
                query.append_pair(name, &provider.fill(value));
            }
            for (name, value) in &provider.settings.auth_params {
                query.append_pair(name, value);
            }
        }
        Ok(url.into())
    }

    /// Whether the issuer that an answer names is the provider's own (RFC 9207). A provider that says
    /// that it names itself must. One of which no issuer is known, because it has named none so far,
    /// can only be one at the address where the browser was sent.
    ///
    /// # Errors
    /// [`SocialError::Unavailable`] if the provider's discovery document cannot be had.
    pub async fn is_issuer(&self, id: &str, named: Option<&str>) -> Result<bool, SocialError> {
        let provider = self.provider(id)?;
        let endpoints = self.endpoints(provider).await?;
        Ok(match named {
            Some(named) if endpoints.issuers.is_empty() => {
                is_at_one_host(&endpoints.authorize, named)
            }
            Some(named) => endpoints.issuers.iter().any(|issuer| is_accepted_issuer(issuer, named)),
            None => !endpoints.names_issuer,
        })
    }

    /// Whether a login of the provider sends a proof key.
    #[must_use]
    pub fn uses_pkce(&self, id: &str) -> bool {
        self.provider(id).is_ok_and(Configured::uses_pkce)
    }
}

/// Whether two addresses are at one host, by the same scheme and port.
fn is_at_one_host(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.has_host() && one.origin() == other.origin(),
        _ => false,
    }
}
