//! Figma. <https://developers.figma.com/docs/rest-api/authentication>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported, TokenRequest};

pub(crate) const FIGMA: Provider = Provider {
    id: "figma",
    name: "Figma",
    protocol: Protocol {
        authorize_url: "https://www.figma.com/oauth",
        token_url: "https://api.figma.com/v1/oauth/token",
        token_request: TokenRequest { basic: true, ..TokenRequest::POST },
        scope: &["current_user:read"],
        profile: ProfileRequest::bearer("https://api.figma.com/v1/me"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/email"),
        name: answer.text("/handle"),
        ..Reported::default()
    }
}
