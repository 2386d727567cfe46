//! `SoundCloud`. <https://developers.soundcloud.com/docs/api/guide>

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const SOUNDCLOUD: Provider = Provider {
    id: "soundcloud",
    name: "SoundCloud",
    protocol: Protocol {
        authorize_url: "https://soundcloud.com/connect",
        token_url: "https://api.soundcloud.com/oauth2/token",
        profile: ProfileRequest {
            token: Placement::Header("OAuth"),
            ..ProfileRequest::bearer("https://api.soundcloud.com/me")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("urn"),
        email: answer.text("/email"),
        username: answer.text("/username"),
        name: answer.text("/full_name"),
        ..Reported::default()
    }
}
