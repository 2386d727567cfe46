//! Microsoft.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const MICROSOFT: Provider =
    Provider { id: "microsoft", name: "Microsoft", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/mail").or_else(|| answer.text("/userPrincipalName")),
        username: answer.text("/mailNickname"),
        first_name: answer.text("/givenName"),
        last_name: answer.text("/surname"),
        ..Reported::default()
    }
}
