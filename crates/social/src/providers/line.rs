//! LINE.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const LINE: Provider =
    Provider { id: "line", name: "LINE", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.first_id(&["userId", "sub"]), ..answer.usual_fields() }
}
