//! DigitalOcean. <https://docs.digitalocean.com/reference/api/oauth/>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const DIGITALOCEAN: Provider = Provider {
    id: "digitalocean",
    name: "DigitalOcean",
    protocol: Protocol {
        authorize_url: "https://cloud.digitalocean.com/v1/oauth/authorize",
        token_url: "https://cloud.digitalocean.com/v1/oauth/token",
        profile: ProfileRequest::bearer("https://api.digitalocean.com/v2/account"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id_at("/account/uuid"),
        email: answer.text("/account/email"),
        ..Reported::default()
    }
}
