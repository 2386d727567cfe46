//! Auth0.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const AUTH0: Provider =
    Provider { id: "auth0", name: "Auth0", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.usual_fields() }
}
