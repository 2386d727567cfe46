//! Keycloak, whose realm is at `server_url`. <https://www.keycloak.org/securing-apps/oidc-layers>
//!
//! In allauth this is an app of `openid_connect` with the `provider_id` `keycloak`.

use super::openid_connect;
use crate::provider::{AudienceCheck, CheckRequest, IdentitySource, Protocol, Provider, Variable};

pub(crate) const KEYCLOAK: Provider = Provider {
    id: "keycloak",
    name: "Keycloak",
    protocol: Protocol {
        variables: &[Variable::new("server_url", "")],
        discovery: "{server_url}",
        scope: &["openid", "profile", "email"],
        identity: IdentitySource::Both,
        check: AudienceCheck::Asked(CheckRequest::Introspection(""), &["/client_id", "/azp"]),
        ..Protocol::NONE
    },
    read_profile: openid_connect::read_profile,
};
