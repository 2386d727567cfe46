//! GitHub. <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>
//!
//! The addresses are a document of their own, which joins the answer as `emails`.

use rest_auth_domain::email::Email;

use crate::profile_email::ProfileEmail;
use crate::provider::{
    Answer, AudienceCheck, CheckRequest, Placement, ProfileRequest, Protocol, Provider, Reported,
    Variable,
};

pub(crate) const GITHUB: Provider = Provider {
    id: "github",
    name: "GitHub",
    protocol: Protocol {
        variables: &[
            Variable::new("github_url", "https://github.com"),
            Variable::following(
                "github_api_url",
                "https://api.github.com",
                "github_url",
                "{github_url}/api/v3",
            ),
        ],
        authorize_url: "{github_url}/login/oauth/authorize",
        token_url: "{github_url}/login/oauth/access_token",
        scope: &["user:email"],
        profile: ProfileRequest {
            token: Placement::Header("token"),
            ..ProfileRequest::bearer("{github_api_url}/user")
        },
        emails_url: "{github_api_url}/user/emails",
        issuers: &["{github_url}/login/oauth"],
        check: AudienceCheck::Asked(
            CheckRequest::Basic("{github_api_url}/applications/{client_id}/token"),
            &["/app/client_id"],
        ),
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
        emails: listed(answer),
        not_stored: &["emails"],
        ..Reported::default()
    }
}

fn listed(answer: &Answer<'_>) -> Vec<ProfileEmail> {
    let address = |entry: Answer<'_>| {
        Some(ProfileEmail {
            email: Email::reported(&entry.text("/email")?)?.into_string(),
            verified: entry.says_yes("/verified"),
            primary: entry.says_yes("/primary"),
        })
    };
    answer.list("emails").filter_map(address).collect()
}
