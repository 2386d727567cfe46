//! NetIQ.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const NETIQ: Provider =
    Provider { id: "netiq", name: "NetIQ", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id(answer.uid_field_or("sub")), ..answer.standard_claims() }
}
