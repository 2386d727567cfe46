//! DingTalk.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const DINGTALK: Provider = Provider { id: "dingtalk", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("openId"), ..answer.usual_fields() }
}
