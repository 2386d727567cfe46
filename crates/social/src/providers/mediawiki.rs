//! MediaWiki.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const MEDIAWIKI: Provider =
    Provider { id: "mediawiki", name: "MediaWiki", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.usual_fields() }
}
