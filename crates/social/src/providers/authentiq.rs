//! Authentiq.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const AUTHENTIQ: Provider =
    Provider { id: "authentiq", name: "Authentiq", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.standard_claims() }
}
