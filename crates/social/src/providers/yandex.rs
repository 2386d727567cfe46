//! Yandex. <https://yandex.com/dev/id/doc/en/>
//!
//! allauth counts its addresses as verified.

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const YANDEX: Provider = Provider {
    id: "yandex",
    name: "Yandex",
    protocol: Protocol {
        authorize_url: "https://oauth.yandex.com/authorize",
        token_url: "https://oauth.yandex.ru/token",
        scope: &["login:info", "login:email"],
        profile: ProfileRequest {
            token: Placement::Header("OAuth"),
            query: &[("format", "json")],
            ..ProfileRequest::bearer("https://login.yandex.ru/info")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/default_email").or_else(|| answer.text("/emails/0")),
        email_verified: true,
        username: answer.text("/display_name"),
        first_name: answer.text("/first_name"),
        last_name: answer.text("/last_name"),
        ..Reported::default()
    }
}
