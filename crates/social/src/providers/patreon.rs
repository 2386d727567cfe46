//! Patreon. <https://docs.patreon.com/#oauth>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

/// The members of a profile.
const FIELDS: &str =
    "email,first_name,full_name,image_url,last_name,social_connections,thumb_url,url,vanity";

pub(crate) const PATREON: Provider = Provider {
    id: "patreon",
    name: "Patreon",
    protocol: Protocol {
        authorize_url: "https://www.patreon.com/oauth2/authorize",
        token_url: "https://www.patreon.com/api/oauth2/token",
        scope: &["identity", "identity[email]"],
        profile: ProfileRequest {
            query: &[("fields[user]", FIELDS)],
            member: "/data",
            ..ProfileRequest::bearer("https://www.patreon.com/api/oauth2/v2/identity")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/attributes/email"),
        first_name: answer.text("/attributes/first_name"),
        last_name: answer.text("/attributes/last_name"),
        ..Reported::default()
    }
}
