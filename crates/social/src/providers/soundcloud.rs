//! SoundCloud.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const SOUNDCLOUD: Provider =
    Provider { id: "soundcloud", name: "SoundCloud", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("urn"), ..answer.usual_fields() }
}
