//! Baidu.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const BAIDU: Provider =
    Provider { id: "baidu", name: "Baidu", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("uid"), ..answer.usual_fields() }
}
