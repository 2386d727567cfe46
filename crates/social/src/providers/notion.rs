//! Notion.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const NOTION: Provider =
    Provider { id: "notion", name: "Notion", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: uid(answer),
        email: answer.text("/owner/user/person/email"),
        ..answer.usual_fields()
    }
}

fn uid(answer: &Answer<'_>) -> Option<String> {
    let (user, workspace) = (answer.id_at("/owner/user/id")?, answer.id("workspace_id")?);
    Some(format!("user-{user}_workspace-{workspace}"))
}
