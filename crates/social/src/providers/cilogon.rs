//! `CILogon`. <https://www.cilogon.org/oidc>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const CILOGON: Provider = Provider {
    id: "cilogon",
    name: "CILogon",
    protocol: Protocol {
        authorize_url: "https://cilogon.org/authorize",
        token_url: "https://cilogon.org/oauth2/token",
        scope: &["profile", "org.cilogon.userinfo", "openid", "email"],
        profile: ProfileRequest::bearer("https://cilogon.org/oauth2/userinfo"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("sub"),
        email_verified: answer.says_yes("/verified_email"),
        ..answer.usual_fields()
    }
}
