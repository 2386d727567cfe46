//! Feishu.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const FEISHU: Provider = Provider { id: "feishu", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("open_id"), ..answer.usual_fields() }
}
