//! Yahoo.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const YAHOO: Provider =
    Provider { id: "yahoo", name: "Yahoo", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.standard_claims() }
}
