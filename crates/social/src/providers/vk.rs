//! VK ID.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const VK: Provider =
    Provider { id: "vk", name: "VK ID", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..answer.usual_fields() }
}
