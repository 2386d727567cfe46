//! Apple. <https://developer.apple.com/documentation/signinwithapplerestapi>
//!
//! There is no profile: an ID token says everything but the name, which the app or the browser sends
//! once, unsigned. The client secret is signed with the app's key for each request.

use crate::provider::{Answer, IdTokens, IdentitySource, Protocol, Provider, Reported};

pub(crate) const APPLE: Provider = Provider {
    id: "apple",
    name: "Apple",
    protocol: Protocol {
        authorize_url: "https://appleid.apple.com/auth/authorize",
        token_url: "https://appleid.apple.com/auth/token",
        scope: &["name", "email"],
        form_post: true,
        identity: IdentitySource::IdToken,
        id_tokens: Some(IdTokens {
            issuers: &["https://appleid.apple.com", "https://account.apple.com"],
            keys_url: "https://appleid.apple.com/auth/keys",
        }),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("sub"),
        email: answer.text("/email"),
        email_verified: answer.says_yes("/email_verified"),
        first_name: answer.text("/name/firstName"),
        last_name: answer.text("/name/lastName"),
        ..Reported::default()
    }
}
