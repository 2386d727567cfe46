//! Any server that speaks OpenID Connect, named by `provider_id`.

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, IdentitySource, Protocol, Provider, Reported, Variable,
};

pub(crate) const OPENID_CONNECT: Provider = Provider {
    id: "openid_connect",
    name: "OpenID Connect",
    protocol: Protocol {
        variables: &[Variable::new("server_url", "")],
        discovery: "{server_url}",
        scope: &["openid", "profile", "email"],
        identity: IdentitySource::Both,
        check: AudienceCheck::Asked(CheckRequest::Introspection(""), &["/client_id", "/azp"]),
        ..Protocol::NONE
    },
    read_profile,
};

pub(super) fn read_profile(answer: &Answer<'_>) -> Reported {
    let (profile, token) = (answer.part("userinfo"), answer.part("id_token"));
    let claims = profile.as_ref().or(token.as_ref()).unwrap_or(answer);
    let uid = claims.id("sub");
    let mut reported = Reported { uid, ..claims.standard_claims() };
    // Some servers say in one of the two what they leave out of the other. An address and whether it
    // is verified come from the same one.
    if let Some(other) = profile.and(token).map(|token| token.standard_claims()) {
        if reported.email.is_none() {
            (reported.email, reported.email_verified) = (other.email, other.email_verified);
        }
        reported.username = reported.username.or(other.username);
        if reported.name.is_none() && reported.first_name.is_none() {
            (reported.name, reported.first_name) = (other.name, other.first_name);
            reported.last_name = reported.last_name.or(other.last_name);
        }
    }
    reported
}
