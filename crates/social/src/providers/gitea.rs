//! Gitea and Forgejo, with the server at `gitea_url`.
//! <https://docs.gitea.com/development/oauth2-provider>

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported, Variable};

pub(crate) const GITEA: Provider = Provider {
    id: "gitea",
    name: "Gitea",
    protocol: Protocol {
        variables: &[Variable::new("gitea_url", "https://gitea.com")],
        authorize_url: "{gitea_url}/login/oauth/authorize",
        token_url: "{gitea_url}/login/oauth/access_token",
        profile: ProfileRequest {
            token: Placement::Header("token"),
            ..ProfileRequest::bearer("{gitea_url}/api/v1/user")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/email"),
        username: answer.text("/login"),
        name: answer.text("/name"),
        ..Reported::default()
    }
}
