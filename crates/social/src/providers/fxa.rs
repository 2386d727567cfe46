//! Mozilla accounts. <https://mozilla.github.io/ecosystem-platform/platform/firefox-accounts>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported, Variable};

pub(crate) const FXA: Provider = Provider {
    id: "fxa",
    name: "Firefox Accounts",
    protocol: Protocol {
        variables: &[
            Variable::new("oauth_endpoint", "https://oauth.accounts.firefox.com/v1"),
            Variable::new("profile_endpoint", "https://profile.accounts.firefox.com/v1"),
        ],
        authorize_url: "{oauth_endpoint}/authorization",
        token_url: "{oauth_endpoint}/token",
        scope: &["profile"],
        profile: ProfileRequest::bearer("{profile_endpoint}/profile"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("uid"), ..answer.usual_fields() }
}
