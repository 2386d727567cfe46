//! Slack. <https://docs.slack.dev/authentication/sign-in-with-slack/>
//!
//! A user is another one in each workspace.

use crate::provider::{Answer, IdTokens, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const SLACK: Provider = Provider {
    id: "slack",
    name: "Slack",
    protocol: Protocol {
        authorize_url: "https://slack.com/openid/connect/authorize",
        token_url: "https://slack.com/api/openid.connect.token",
        scope: &["openid", "profile", "email"],
        profile: ProfileRequest::bearer("https://slack.com/api/openid.connect.userInfo"),
        id_tokens: Some(IdTokens {
            issuers: &["https://slack.com"],
            keys_url: "https://slack.com/openid/connect/keys",
        }),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: uid(answer), ..answer.standard_claims() }
}

fn uid(answer: &Answer<'_>) -> Option<String> {
    let team = answer.id("https://slack.com/team_id").or_else(|| answer.id_at("/team/id"))?;
    let user = answer.id("https://slack.com/user_id").or_else(|| answer.id_at("/user/id"))?;
    Some(format!("{team}_{user}"))
}
