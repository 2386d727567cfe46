//! Reddit.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const REDDIT: Provider = Provider { id: "reddit", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("name"), ..answer.usual_fields() }
}
