//! Instagram. <https://developers.facebook.com/docs/instagram-platform>
//!
//! Since December 2024 only professional accounts log in, with the scope `instagram_business_basic`. No
//! address is given.

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const INSTAGRAM: Provider = Provider {
    id: "instagram",
    name: "Instagram",
    protocol: Protocol {
        authorize_url: "https://www.instagram.com/oauth/authorize",
        token_url: "https://api.instagram.com/oauth/access_token",
        scope: &["instagram_business_basic"],
        scope_separator: ",",
        profile: ProfileRequest {
            token: Placement::Query("access_token"),
            query: &[("fields", "id,username")],
            ..ProfileRequest::bearer("https://graph.instagram.com/me")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("id"), username: answer.text("/username"), ..Reported::default() }
}
