//! Baidu.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const BAIDU: Provider = Provider { id: "baidu", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("uid"), ..answer.usual_fields() }
}
