//! Twitch. <https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/>

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, ProfileRequest, Protocol, Provider, Reported,
};

pub(crate) const TWITCH: Provider = Provider {
    id: "twitch",
    name: "Twitch",
    protocol: Protocol {
        authorize_url: "https://id.twitch.tv/oauth2/authorize",
        token_url: "https://id.twitch.tv/oauth2/token",
        scope: &["user:read:email"],
        profile: ProfileRequest {
            headers: &[("client-id", "{client_id}")],
            member: "/data/0",
            ..ProfileRequest::bearer("https://api.twitch.tv/helix/users")
        },
        check: AudienceCheck::Asked(
            CheckRequest::Header("OAuth", "https://id.twitch.tv/oauth2/validate"),
            &["/client_id"],
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
        name: answer.text("/display_name"),
        ..Reported::default()
    }
}
