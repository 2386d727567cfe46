//! Pinterest.
//! <https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/>
//!
//! No address is given.

use crate::provider::{
    Answer, ProfileRequest, Protocol, Provider, Reported, TokenRequest, Variable,
};

pub(crate) const PINTEREST: Provider = Provider {
    id: "pinterest",
    name: "Pinterest",
    protocol: Protocol {
        variables: &[
            Variable::host("pinterest_url", "api.pinterest.com"),
            Variable::new("api_version", "v5"),
        ],
        authorize_url: "https://www.pinterest.com/oauth/",
        token_url: "https://{pinterest_url}/{api_version}/oauth/token",
        token_request: TokenRequest { basic: true, ..TokenRequest::POST },
        scope: &["user_accounts:read"],
        scope_separator: ",",
        profile: ProfileRequest::bearer("https://{pinterest_url}/{api_version}/user_account"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        former_uid: answer.text("/username").map(|name| (name, "id")),
        username: answer.text("/username"),
        ..Reported::default()
    }
}
