//! LINE. <https://developers.line.biz/en/reference/line-login/>
//!
//! The address is only in the ID token, which LINE signs with the secret of the app for browsers: LINE
//! itself reads it for us. The apps of phones get one that is signed with LINE's key. With the scope
//! `email`, which LINE grants on application, it has the address.

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, IdTokens, Placement, ProfileMethod, ProfileRequest,
    Protocol, Provider, Reported,
};

pub(crate) const LINE: Provider = Provider {
    id: "line",
    name: "LINE",
    protocol: Protocol {
        authorize_url: "https://access.line.me/oauth2/v2.1/authorize",
        token_url: "https://api.line.me/oauth2/v2.1/token",
        scope: &["profile", "openid"],
        profile: ProfileRequest::bearer("https://api.line.me/v2/profile"),
        shown_id_token: Some(ProfileRequest {
            method: ProfileMethod::Form(&[("client_id", "{client_id}")]),
            token: Placement::Field("id_token"),
            ..ProfileRequest::bearer("https://api.line.me/oauth2/v2.1/verify")
        }),
        id_tokens: Some(IdTokens {
            issuers: &["https://access.line.me"],
            keys_url: "https://api.line.me/oauth2/v2.1/certs",
        }),
        check: AudienceCheck::Asked(
            CheckRequest::Query("https://api.line.me/oauth2/v2.1/verify"),
            &["/client_id"],
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.first_id(&["userId", "sub"]),
        email: answer.text("/email"),
        name: answer.text("/name").or_else(|| answer.text("/displayName")),
        ..Reported::default()
    }
}
