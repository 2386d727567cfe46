//! Feishu.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const FEISHU: Provider =
    Provider { id: "feishu", name: "Feishu", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("open_id"), ..answer.usual_fields() }
}
