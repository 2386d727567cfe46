//! Naver. allauth counts its addresses as verified.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const NAVER: Provider =
    Provider { id: "naver", name: "Naver", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("id"), email_verified: true, ..answer.usual_fields() }
}
