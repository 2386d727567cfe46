//! hubiC.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const HUBIC: Provider =
    Provider { id: "hubic", name: "hubiC", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("email"), ..answer.usual_fields() }
}
