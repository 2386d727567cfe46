//! Amazon.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const AMAZON: Provider =
    Provider { id: "amazon", name: "Amazon", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..answer.usual_fields() }
}
