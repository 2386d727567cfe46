//! Weixin (`WeChat`).
//! <https://developers.weixin.qq.com/doc/oplatform/en/Website_App/WeChat_Login/Wechat_Login.html>
//!
//! The fields have other names, and the profile is asked for by the `openid` of the answer to a code.

use crate::provider::{
    Answer, Pkce, Placement, ProfileRequest, Protocol, Provider, Reported, TokenRequest,
};

pub(crate) const WEIXIN: Provider = Provider {
    id: "weixin",
    name: "Weixin",
    protocol: Protocol {
        authorize_url: "https://open.weixin.qq.com/connect/qrconnect",
        token_url: "https://api.weixin.qq.com/sns/oauth2/access_token",
        token_request: TokenRequest {
            client_id: "appid",
            client_secret: "secret",
            redirect_uri: false,
            ..TokenRequest::POST
        },
        scope: &["snsapi_login"],
        scope_separator: ",",
        pkce: Pkce::Off,
        profile: ProfileRequest {
            token: Placement::Query("access_token"),
            from_token_response: &["openid"],
            ..ProfileRequest::bearer("https://api.weixin.qq.com/sns/userinfo")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("openid"),
        username: answer.text("/nickname"),
        name: answer.text("/nickname"),
        ..Reported::default()
    }
}
