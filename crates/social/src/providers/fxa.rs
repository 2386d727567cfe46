//! Mozilla accounts.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const FXA: Provider =
    Provider { id: "fxa", name: "Mozilla accounts", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("uid"), ..answer.usual_fields() }
}
