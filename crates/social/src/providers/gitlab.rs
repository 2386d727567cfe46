//! GitLab, also a server of your own. <https://docs.gitlab.com/api/oauth2/>

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, ProfileRequest, Protocol, Provider, Reported, Variable,
};

pub(crate) const GITLAB: Provider = Provider {
    id: "gitlab",
    name: "GitLab",
    protocol: Protocol {
        variables: &[Variable::new("gitlab_url", "https://gitlab.com")],
        authorize_url: "{gitlab_url}/oauth/authorize",
        token_url: "{gitlab_url}/oauth/token",
        scope: &["read_user"],
        profile: ProfileRequest::bearer("{gitlab_url}/api/v4/user"),
        issuers: &["{gitlab_url}"],
        check: AudienceCheck::Asked(
            CheckRequest::Header("Bearer", "{gitlab_url}/oauth/token/info"),
            &["/application/uid"],
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("id"), ..answer.usual_fields() }
}
