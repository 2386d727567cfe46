//! Okta.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const OKTA: Provider =
    Provider { id: "okta", name: "Okta", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id(answer.uid_field_or("sub")), ..answer.standard_claims() }
}
