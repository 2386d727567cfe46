//! Yahoo. <https://developer.yahoo.com/oauth2/guide/openid_connect/>

use crate::provider::{Answer, IdTokens, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const YAHOO: Provider = Provider {
    id: "yahoo",
    name: "Yahoo",
    protocol: Protocol {
        authorize_url: "https://api.login.yahoo.com/oauth2/request_auth",
        token_url: "https://api.login.yahoo.com/oauth2/get_token",
        scope: &["openid", "profile", "email"],
        profile: ProfileRequest::bearer("https://api.login.yahoo.com/openid/v1/userinfo"),
        id_tokens: Some(IdTokens {
            issuers: &["https://api.login.yahoo.com"],
            keys_url: "https://api.login.yahoo.com/openid/v1/certs",
        }),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.standard_claims() }
}
