//! Drip.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const DRIP: Provider =
    Provider { id: "drip", name: "Drip", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("email"), ..answer.usual_fields() }
}
