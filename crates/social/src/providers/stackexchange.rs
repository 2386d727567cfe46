//! Stack Exchange.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const STACKEXCHANGE: Provider =
    Provider { id: "stackexchange", name: "Stack Exchange", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("account_id"),
        username: answer.text("/display_name"),
        ..Reported::default()
    }
}
