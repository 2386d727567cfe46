//! Reddit. <https://github.com/reddit-archive/reddit/wiki/OAuth2>
//!
//! A user is known by their name, which Reddit lets nobody change, and no address is given. Reddit slows
//! down programs that do not name themselves: `user_agent` should name yours and its operator.

use crate::provider::{
    Answer, Placement, ProfileRequest, Protocol, Provider, Reported, TokenRequest, Variable,
};

pub(crate) const REDDIT: Provider = Provider {
    id: "reddit",
    name: "Reddit",
    protocol: Protocol {
        variables: &[Variable::new(
            "user_agent",
            concat!("web:rest-auth:", env!("CARGO_PKG_VERSION")),
        )],
        authorize_url: "https://www.reddit.com/api/v1/authorize",
        token_url: "https://www.reddit.com/api/v1/access_token",
        token_request: TokenRequest { basic: true, ..TokenRequest::POST },
        scope: &["identity"],
        profile: ProfileRequest {
            token: Placement::Header("bearer"),
            headers: &[("user-agent", "{user_agent}")],
            ..ProfileRequest::bearer("https://oauth.reddit.com/api/v1/me")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("name"), username: answer.text("/name"), ..Reported::default() }
}
