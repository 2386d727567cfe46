//! VK ID.
//! <https://id.vk.com/about/business/go/docs/en/vkid/latest/vk-id/connection/api-description>
//!
//! A proof key is required, and the `device_id` that VK sends beside the code is wanted
//! back.

use crate::provider::{
    Answer, Placement, ProfileMethod, ProfileRequest, Protocol, Provider, Reported, TokenRequest,
};

pub(crate) const VK: Provider = Provider {
    id: "vk",
    name: "VK",
    protocol: Protocol {
        authorize_url: "https://id.vk.ru/authorize",
        token_url: "https://id.vk.ru/oauth2/auth",
        token_request: TokenRequest { device_id: true, ..TokenRequest::POST },
        scope: &["email"],
        profile: ProfileRequest {
            method: ProfileMethod::Form(&[("client_id", "{client_id}")]),
            token: Placement::Field("access_token"),
            member: "/user",
            ..ProfileRequest::bearer("https://id.vk.ru/oauth2/user_info")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..answer.usual_fields() }
}
