//! TikTok.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const TIKTOK: Provider =
    Provider { id: "tiktok", name: "TikTok", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("open_id"), ..answer.usual_fields() }
}
