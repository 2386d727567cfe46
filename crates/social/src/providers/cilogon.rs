//! CILogon.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const CILOGON: Provider =
    Provider { id: "cilogon", name: "CILogon", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.usual_fields() }
}
