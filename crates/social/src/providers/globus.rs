//! Globus.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const GLOBUS: Provider =
    Provider { id: "globus", name: "Globus", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.usual_fields() }
}
