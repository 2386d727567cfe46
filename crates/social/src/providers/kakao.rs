//! Kakao. <https://developers.kakao.com/docs/latest/en/kakaologin/rest-api>
//!
//! An access token names the app by its number, which has to be among the `client_ids`.

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, IdTokens, ProfileRequest, Protocol, Provider, Reported,
};

pub(crate) const KAKAO: Provider = Provider {
    id: "kakao",
    name: "Kakao",
    protocol: Protocol {
        authorize_url: "https://kauth.kakao.com/oauth/authorize",
        token_url: "https://kauth.kakao.com/oauth/token",
        profile: ProfileRequest::bearer("https://kapi.kakao.com/v2/user/me"),
        id_tokens: Some(IdTokens {
            issuers: &["https://kauth.kakao.com"],
            keys_url: "https://kauth.kakao.com/.well-known/jwks.json",
        }),
        check: AudienceCheck::Asked(
            CheckRequest::Header("Bearer", "https://kapi.kakao.com/v1/user/access_token_info"),
            &["/app_id"],
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    // An address that has gone to another account is still called verified.
    let is_lost = answer.says_no("/kakao_account/is_email_valid");
    let nickname = answer.text("/kakao_account/profile/nickname");
    Reported {
        uid: answer.first_id(&["id", "sub"]),
        email: answer.text("/kakao_account/email").or_else(|| answer.text("/email")),
        email_verified: answer.says_yes("/kakao_account/is_email_verified") && !is_lost,
        username: nickname.or_else(|| answer.text("/nickname")),
        ..Reported::default()
    }
}
