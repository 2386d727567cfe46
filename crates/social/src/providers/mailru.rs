//! Mail.ru.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const MAILRU: Provider =
    Provider { id: "mailru", name: "Mail.ru", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("uid"), ..answer.usual_fields() }
}
