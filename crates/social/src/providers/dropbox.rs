//! Dropbox.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const DROPBOX: Provider = Provider { id: "dropbox", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("account_id"), ..answer.usual_fields() }
}
