//! Google. <https://developers.google.com/identity/openid-connect/openid-connect>

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, IdTokens, IdentitySource, ProfileRequest, Protocol,
    Provider, Reported,
};

pub(crate) const GOOGLE: Provider = Provider {
    id: "google",
    name: "Google",
    protocol: Protocol {
        authorize_url: "https://accounts.google.com/o/oauth2/v2/auth",
        token_url: "https://oauth2.googleapis.com/token",
        scope: &["openid", "profile", "email"],
        identity: IdentitySource::IdTokenOrProfile,
        profile: ProfileRequest::bearer("https://www.googleapis.com/oauth2/v2/userinfo"),
        id_tokens: Some(IdTokens {
            issuers: &["https://accounts.google.com", "accounts.google.com"],
            keys_url: "https://www.googleapis.com/oauth2/v3/certs",
        }),
        check: AudienceCheck::Asked(
            CheckRequest::Query("https://oauth2.googleapis.com/tokeninfo"),
            &["/aud", "/azp"],
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.first_id(&["sub", "id"]),
        email: answer.text("/email"),
        email_verified: answer.says_yes("/email_verified") || answer.says_yes("/verified_email"),
        first_name: answer.text("/given_name"),
        last_name: answer.text("/family_name"),
        ..Reported::default()
    }
}
