//! Any server that speaks OpenID Connect, named by `provider_id`.

use crate::provider::{Answer, IdentitySource, Protocol, Provider, Reported, Variable};

pub(crate) const OPENID_CONNECT: Provider = Provider {
    id: "openid_connect",
    name: "OpenID Connect",
    protocol: Protocol {
        variables: &[Variable::new("server_url", "")],
        discovery: "{server_url}",
        scope: &["openid", "profile", "email"],
        identity: IdentitySource::Both,
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    let claims = answer.part("userinfo").or_else(|| answer.part("id_token"));
    let claims = claims.as_ref().unwrap_or(answer);
    Reported { uid: claims.id(claims.uid_field_or("sub")), ..claims.standard_claims() }
}
