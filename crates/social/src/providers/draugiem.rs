//! Draugiem.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const DRAUGIEM: Provider =
    Provider { id: "draugiem", name: "Draugiem", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("uid"), ..answer.usual_fields() }
}
