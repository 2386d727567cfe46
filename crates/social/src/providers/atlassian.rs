//! Atlassian.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const ATLASSIAN: Provider =
    Provider { id: "atlassian", name: "Atlassian", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("account_id"),
        email_verified: answer.says_yes("/email_verified"),
        ..answer.usual_fields()
    }
}
