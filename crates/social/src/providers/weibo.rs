//! Weibo. <https://open.weibo.com/wiki/Oauth2/en>
//!
//! The profile is asked for by the `uid` of the answer to a code.

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const WEIBO: Provider = Provider {
    id: "weibo",
    name: "Weibo",
    protocol: Protocol {
        authorize_url: "https://api.weibo.com/oauth2/authorize",
        token_url: "https://api.weibo.com/oauth2/access_token",
        profile: ProfileRequest {
            token: Placement::Query("access_token"),
            from_token_response: &["uid"],
            ..ProfileRequest::bearer("https://api.weibo.com/2/users/show.json")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("idstr"),
        username: answer.text("/screen_name"),
        name: answer.text("/name"),
        ..Reported::default()
    }
}
