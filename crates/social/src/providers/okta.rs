//! Okta. <https://developer.okta.com/docs/reference/api/oidc/>
//!
//! `okta_base_url` is the host, as in allauth. Before allauth 65.13 the user was known by
//! `preferred_username`: `uid_field` keeps that for the accounts of then.

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, IdTokens, ProfileRequest, Protocol, Provider, Reported,
    Variable,
};

pub(crate) const OKTA: Provider = Provider {
    id: "okta",
    name: "Okta",
    protocol: Protocol {
        variables: &[Variable::host("okta_base_url", "")],
        authorize_url: "https://{okta_base_url}/oauth2/v1/authorize",
        token_url: "https://{okta_base_url}/oauth2/v1/token",
        scope: &["openid", "profile", "email", "offline_access"],
        profile: ProfileRequest::bearer("https://{okta_base_url}/oauth2/v1/userinfo"),
        id_tokens: Some(IdTokens {
            issuers: &["https://{okta_base_url}"],
            keys_url: "https://{okta_base_url}/oauth2/v1/keys",
        }),
        check: AudienceCheck::Asked(
            CheckRequest::Introspection("https://{okta_base_url}/oauth2/v1/introspect"),
            &["/client_id"],
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    let claims = answer.standard_claims();
    // It is an address, of which allauth takes the name.
    let name = claims.username.as_deref().and_then(|name| name.split('@').next());
    let username = name.filter(|name| !name.is_empty()).map(str::to_owned);
    Reported { uid: answer.id("sub"), username, ..claims }
}
