//! Dropbox.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const DROPBOX: Provider =
    Provider { id: "dropbox", name: "Dropbox", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("account_id"), ..answer.usual_fields() }
}
