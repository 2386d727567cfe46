//! LinkedIn, as it signs users in since 2023 (`OpenID` Connect).
//! <https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2>
//!
//! In allauth this is an app of `openid_connect` with the `provider_id` `linkedin`.

use super::openid_connect;
use crate::provider::{
    AudienceCheck, CheckRequest, IdentitySource, Pkce, Protocol, Provider, Variable,
};

pub(crate) const LINKEDIN: Provider = Provider {
    id: "linkedin",
    name: "LinkedIn",
    protocol: Protocol {
        variables: &[Variable::new("server_url", "https://www.linkedin.com/oauth")],
        discovery: "{server_url}",
        scope: &["openid", "profile", "email"],
        pkce: Pkce::Off,
        identity: IdentitySource::Both,
        check: AudienceCheck::Asked(
            CheckRequest::Introspection("https://www.linkedin.com/oauth/v2/introspectToken"),
            &["/client_id"],
        ),
        ..Protocol::NONE
    },
    read_profile: openid_connect::read_profile,
};
