//! Asana. <https://developers.asana.com/docs/oauth>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const ASANA: Provider = Provider {
    id: "asana",
    name: "Asana",
    protocol: Protocol {
        authorize_url: "https://app.asana.com/-/oauth_authorize",
        token_url: "https://app.asana.com/-/oauth_token",
        profile: ProfileRequest {
            member: "/data",
            ..ProfileRequest::bearer("https://app.asana.com/api/1.0/users/me")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.first_id(&["gid", "id"]), ..answer.usual_fields() }
}
