//! Salesforce.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const SALESFORCE: Provider = Provider { id: "salesforce", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..answer.standard_claims() }
}
