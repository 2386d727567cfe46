//! NetIQ Access Manager, at `netiq_url`.
//! <https://www.microfocus.com/documentation/access-manager/>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported, Variable};

pub(crate) const NETIQ: Provider = Provider {
    id: "netiq",
    name: "NetIQ",
    protocol: Protocol {
        variables: &[Variable::new("netiq_url", "")],
        authorize_url: "{netiq_url}/nidp/oauth/nam/authz",
        token_url: "{netiq_url}/nidp/oauth/nam/token",
        scope: &["openid", "profile", "email"],
        profile: ProfileRequest::bearer("{netiq_url}/nidp/oauth/nam/userinfo"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.standard_claims() }
}
