//! Amazon.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const AMAZON: Provider = Provider { id: "amazon", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..answer.usual_fields() }
}
