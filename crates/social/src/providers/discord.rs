//! Discord. <https://discord.com/developers/docs/topics/oauth2>

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, ProfileRequest, Protocol, Provider, Reported,
};

pub(crate) const DISCORD: Provider = Provider {
    id: "discord",
    name: "Discord",
    protocol: Protocol {
        authorize_url: "https://discord.com/api/oauth2/authorize",
        token_url: "https://discord.com/api/oauth2/token",
        scope: &["email", "identify"],
        profile: ProfileRequest::bearer("https://discord.com/api/users/@me"),
        issuers: &["https://discord.com"],
        check: AudienceCheck::Asked(
            CheckRequest::Header("Bearer", "https://discord.com/api/oauth2/@me"),
            &["/application/id"],
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/email"),
        email_verified: answer.says_yes("/verified"),
        username: answer.text("/username"),
        name: answer.text("/username"),
        ..Reported::default()
    }
}
