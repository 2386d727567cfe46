//! Reddit.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const REDDIT: Provider =
    Provider { id: "reddit", name: "Reddit", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("name"), ..answer.usual_fields() }
}
