//! Asana.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const ASANA: Provider =
    Provider { id: "asana", name: "Asana", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.first_id(&["gid", "id"]), ..answer.usual_fields() }
}
