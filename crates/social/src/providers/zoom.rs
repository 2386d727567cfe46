//! Zoom.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const ZOOM: Provider =
    Provider { id: "zoom", name: "Zoom", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email_verified: answer.says_yes("/verified"),
        ..answer.usual_fields()
    }
}
