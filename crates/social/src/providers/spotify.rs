//! Spotify. <https://developer.spotify.com/documentation/web-api/tutorials/code-flow>
//!
//! Spotify says of the address itself that nobody has verified it.

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const SPOTIFY: Provider = Provider {
    id: "spotify",
    name: "Spotify",
    protocol: Protocol {
        authorize_url: "https://accounts.spotify.com/authorize",
        token_url: "https://accounts.spotify.com/api/token",
        scope: &["user-read-email"],
        profile: ProfileRequest::bearer("https://api.spotify.com/v1/me"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/email"),
        name: answer.text("/display_name"),
        ..Reported::default()
    }
}
