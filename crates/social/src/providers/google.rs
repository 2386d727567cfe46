//! Google.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const GOOGLE: Provider = Provider { id: "google", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.first_id(&["sub", "id"]),
        email: answer.text("/email"),
        email_verified: answer.says_yes("/email_verified") || answer.says_yes("/verified_email"),
        first_name: answer.text("/given_name"),
        last_name: answer.text("/family_name"),
        ..Reported::default()
    }
}
