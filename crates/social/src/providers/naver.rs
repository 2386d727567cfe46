//! Naver. <https://developers.naver.com/docs/login/api/api.md>
//!
//! allauth counts its addresses as verified.

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const NAVER: Provider = Provider {
    id: "naver",
    name: "Naver",
    protocol: Protocol {
        authorize_url: "https://nid.naver.com/oauth2.0/authorize",
        token_url: "https://nid.naver.com/oauth2.0/token",
        profile: ProfileRequest {
            member: "/response",
            ..ProfileRequest::bearer("https://openapi.naver.com/v1/nid/me")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/email"),
        email_verified: true,
        ..Reported::default()
    }
}
