//! ORCID.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const ORCID: Provider =
    Provider { id: "orcid", name: "ORCID", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id_at("/orcid-identifier/path"), ..answer.usual_fields() }
}
