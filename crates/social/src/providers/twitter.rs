//! X by OAuth 1.0a.
//! <https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a/api-key-and-secret>
//!
//! The address comes for an app whose settings request it. X does not say that it is confirmed.

use crate::provider::{
    Answer, AudienceCheck, Placement, ProfileRequest, Protocol, Provider, Reported,
};

pub(crate) const TWITTER: Provider = Provider {
    id: "twitter",
    name: "X",
    protocol: Protocol {
        profile: ProfileRequest {
            token: Placement::Signature,
            email_query: &[("include_email", "true")],
            ..ProfileRequest::bearer("https://api.x.com/1.1/account/verify_credentials.json")
        },
        // X takes the signature of the app that it issued the token to.
        check: AudienceCheck::ByProfile,
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/email"),
        username: answer.text("/screen_name"),
        name: answer.text("/name"),
        ..Reported::default()
    }
}
