//! Zoom. <https://developers.zoom.us/docs/integrations/oauth/>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const ZOOM: Provider = Provider {
    id: "zoom",
    name: "Zoom",
    protocol: Protocol {
        authorize_url: "https://zoom.us/oauth/authorize",
        token_url: "https://zoom.us/oauth/token",
        profile: ProfileRequest::bearer("https://api.zoom.us/v2/users/me"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email_verified: answer.says_yes("/verified"),
        ..answer.usual_fields()
    }
}
