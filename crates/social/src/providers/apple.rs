//! Apple.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const APPLE: Provider = Provider { id: "apple", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("sub"),
        email: answer.text("/email"),
        email_verified: answer.says_yes("/email_verified"),
        first_name: answer.text("/name/firstName"),
        last_name: answer.text("/name/lastName"),
        ..Reported::default()
    }
}
