//! Discord.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const DISCORD: Provider =
    Provider { id: "discord", name: "Discord", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/email"),
        email_verified: answer.says_yes("/verified"),
        username: answer.text("/username"),
        name: answer.text("/username"),
        ..Reported::default()
    }
}
