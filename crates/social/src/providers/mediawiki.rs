//! MediaWiki.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const MEDIAWIKI: Provider = Provider { id: "mediawiki", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.usual_fields() }
}
