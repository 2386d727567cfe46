//! Zoho.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const ZOHO: Provider =
    Provider { id: "zoho", name: "Zoho", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("ZUID"), ..answer.usual_fields() }
}
