//! Atlassian. <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const ATLASSIAN: Provider = Provider {
    id: "atlassian",
    name: "Atlassian",
    protocol: Protocol {
        authorize_url: "https://auth.atlassian.com/authorize",
        authorize_parameters: &[("audience", "api.atlassian.com"), ("prompt", "consent")],
        token_url: "https://auth.atlassian.com/oauth/token",
        scope: &["read:me"],
        profile: ProfileRequest::bearer("https://api.atlassian.com/me"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("account_id"),
        email: answer.text("/email"),
        email_verified: answer.says_yes("/email_verified"),
        username: answer.text("/nickname"),
        name: answer.text("/name"),
        ..Reported::default()
    }
}
