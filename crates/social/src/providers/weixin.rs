//! WeChat.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const WEIXIN: Provider =
    Provider { id: "weixin", name: "WeChat", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("openid"), ..answer.usual_fields() }
}
