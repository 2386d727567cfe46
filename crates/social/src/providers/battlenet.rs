//! Battle.net.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const BATTLENET: Provider =
    Provider { id: "battlenet", name: "Battle.net", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: uid(answer), ..answer.usual_fields() }
}

/// Accounts in China are other accounts with the same numbers.
fn uid(answer: &Answer<'_>) -> Option<String> {
    let id = answer.id("id")?;
    Some(if answer.text("/region").as_deref() == Some("cn") { id + "-cn" } else { id })
}
