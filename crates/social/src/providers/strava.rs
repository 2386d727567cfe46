//! Strava. <https://developers.strava.com/docs/authentication/>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const STRAVA: Provider = Provider {
    id: "strava",
    name: "Strava",
    protocol: Protocol {
        authorize_url: "https://www.strava.com/oauth/authorize",
        token_url: "https://www.strava.com/oauth/token",
        scope: &["read", "activity:read"],
        scope_separator: ",",
        profile: ProfileRequest::bearer("https://www.strava.com/api/v3/athlete"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/email"),
        username: answer.text("/username"),
        first_name: answer.text("/firstname"),
        last_name: answer.text("/lastname"),
        ..Reported::default()
    }
}
