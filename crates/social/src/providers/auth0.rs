//! Auth0. <https://auth0.com/docs/api/authentication>
//!
//! As in allauth no address counts as verified, unless `verified_email` says so.

use crate::provider::{Answer, IdTokens, ProfileRequest, Protocol, Provider, Reported, Variable};

pub(crate) const AUTH0: Provider = Provider {
    id: "auth0",
    name: "Auth0",
    protocol: Protocol {
        variables: &[Variable::new("auth0_url", "")],
        authorize_url: "{auth0_url}/authorize",
        token_url: "{auth0_url}/oauth/token",
        scope: &["openid", "profile", "email"],
        profile: ProfileRequest::bearer("{auth0_url}/userinfo"),
        id_tokens: Some(IdTokens {
            issuers: &["{auth0_url}/"],
            keys_url: "{auth0_url}/.well-known/jwks.json",
        }),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.usual_fields() }
}
