//! CILogon.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const CILOGON: Provider = Provider { id: "cilogon", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.usual_fields() }
}
