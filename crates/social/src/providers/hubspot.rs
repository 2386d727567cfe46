//! HubSpot. allauth counts its addresses as verified.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const HUBSPOT: Provider =
    Provider { id: "hubspot", name: "HubSpot", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("user_id"),
        email: answer.text("/user"),
        email_verified: true,
        ..answer.usual_fields()
    }
}
