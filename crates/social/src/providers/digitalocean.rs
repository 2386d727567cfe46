//! DigitalOcean.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const DIGITALOCEAN: Provider =
    Provider { id: "digitalocean", name: "DigitalOcean", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id_at("/account/uuid"),
        email: answer.text("/account/email"),
        email_verified: answer.says_yes("/account/email_verified"),
        ..answer.usual_fields()
    }
}
