//! TikTok. <https://developers.tiktok.com/doc/login-kit-web/>
//!
//! No address is given. The proof key of its desktop apps is not that of RFC 7636.

use crate::provider::{
    Answer, Pkce, ProfileRequest, Protocol, Provider, Reported, RequestedFields, TokenRequest,
};

pub(crate) const TIKTOK: Provider = Provider {
    id: "tiktok",
    name: "TikTok",
    protocol: Protocol {
        authorize_url: "https://www.tiktok.com/v2/auth/authorize/",
        token_url: "https://open.tiktokapis.com/v2/oauth/token/",
        token_request: TokenRequest { client_id: "client_key", ..TokenRequest::POST },
        scope: &["user.info.basic", "user.info.profile"],
        scope_separator: ",",
        pkce: Pkce::Off,
        profile: ProfileRequest {
            fields: Some(RequestedFields {
                parameter: "fields",
                always: &[],
                with_scope: &[
                    ("user.info.basic", &["open_id", "display_name", "avatar_url"]),
                    ("user.info.profile", &["username", "profile_deep_link"]),
                ],
            }),
            member: "/data/user",
            ..ProfileRequest::bearer("https://open.tiktokapis.com/v2/user/info/")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("open_id"),
        username: answer.text("/username").or_else(|| answer.text("/display_name")),
        name: answer.text("/display_name"),
        ..Reported::default()
    }
}
