//! Salesforce.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const SALESFORCE: Provider =
    Provider { id: "salesforce", name: "Salesforce", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..answer.standard_claims() }
}
