//! Baidu. <https://developer.baidu.com/wiki/index.php?title=docs/oauth>
//!
//! No address is given.

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const BAIDU: Provider = Provider {
    id: "baidu",
    name: "Baidu",
    protocol: Protocol {
        authorize_url: "https://openapi.baidu.com/oauth/2.0/authorize",
        token_url: "https://openapi.baidu.com/oauth/2.0/token",
        profile: ProfileRequest {
            token: Placement::Query("access_token"),
            ..ProfileRequest::bearer(
                "https://openapi.baidu.com/rest/2.0/passport/users/getLoggedInUser",
            )
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("uid"),
        username: answer.text("/uid"),
        name: answer.text("/uname"),
        ..Reported::default()
    }
}
