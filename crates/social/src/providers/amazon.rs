//! Amazon. <https://developer.amazon.com/docs/login-with-amazon/documentation-overview.html>

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, ProfileRequest, Protocol, Provider, Reported,
};

pub(crate) const AMAZON: Provider = Provider {
    id: "amazon",
    name: "Amazon",
    protocol: Protocol {
        authorize_url: "https://www.amazon.com/ap/oa",
        token_url: "https://api.amazon.com/auth/o2/token",
        scope: &["profile"],
        profile: ProfileRequest::bearer("https://api.amazon.com/user/profile"),
        check: AudienceCheck::Asked(
            CheckRequest::Query("https://api.amazon.com/auth/o2/tokeninfo"),
            &["/aud"],
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    // An older form of the answer.
    match answer.part("Profile") {
        Some(profile) => Reported {
            uid: profile.id("CustomerId"),
            email: profile.text("/PrimaryEmail"),
            name: profile.text("/Name"),
            ..Reported::default()
        },
        None => Reported { uid: answer.id("user_id"), ..answer.usual_fields() },
    }
}
