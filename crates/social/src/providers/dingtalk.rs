//! DingTalk.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const DINGTALK: Provider =
    Provider { id: "dingtalk", name: "DingTalk", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("openId"),
        username: answer.text("/nick"),
        name: answer.text("/nick"),
        ..Reported::default()
    }
}
