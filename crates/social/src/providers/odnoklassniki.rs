//! Odnoklassniki.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const ODNOKLASSNIKI: Provider =
    Provider { id: "odnoklassniki", name: "Odnoklassniki", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("uid"), ..answer.usual_fields() }
}
