//! Drip. <https://developer.drip.com/#oauth>
//!
//! As in allauth a user is known by their address, which counts as verified.

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const DRIP: Provider = Provider {
    id: "drip",
    name: "Drip",
    protocol: Protocol {
        authorize_url: "https://www.getdrip.com/oauth/authorize",
        token_url: "https://www.getdrip.com/oauth/token",
        profile: ProfileRequest {
            member: "/users/0",
            ..ProfileRequest::bearer("https://api.getdrip.com/v2/user")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("email"), email_verified: true, ..answer.usual_fields() }
}
