//! Globus. <https://docs.globus.org/api/auth/>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const GLOBUS: Provider = Provider {
    id: "globus",
    name: "Globus",
    protocol: Protocol {
        authorize_url: "https://auth.globus.org/v2/oauth2/authorize",
        token_url: "https://auth.globus.org/v2/oauth2/token",
        scope: &["openid", "profile", "offline_access", "email"],
        profile: ProfileRequest::bearer("https://auth.globus.org/v2/oauth2/userinfo"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.usual_fields() }
}
