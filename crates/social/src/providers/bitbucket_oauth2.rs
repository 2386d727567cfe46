//! Bitbucket.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const BITBUCKET_OAUTH2: Provider =
    Provider { id: "bitbucket_oauth2", name: "Bitbucket", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("account_id"), ..answer.usual_fields() }
}
