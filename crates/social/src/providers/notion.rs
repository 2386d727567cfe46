//! Notion. <https://developers.notion.com/docs/authorization>
//!
//! There is no profile: the answer to a code names the user. A user is another one in each workspace.

use crate::provider::{
    Answer, Encoding, IdentitySource, Pkce, Protocol, Provider, Reported, TokenRequest,
};

pub(crate) const NOTION: Provider = Provider {
    id: "notion",
    name: "Notion",
    protocol: Protocol {
        authorize_url: "https://api.notion.com/v1/oauth/authorize",
        authorize_parameters: &[("owner", "user")],
        token_url: "https://api.notion.com/v1/oauth/token",
        token_request: TokenRequest { basic: true, encoding: Encoding::Json, ..TokenRequest::POST },
        pkce: Pkce::Off,
        identity: IdentitySource::TokenResponse,
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: uid(answer),
        email: answer.text("/owner/user/person/email"),
        name: answer.text("/owner/user/name"),
        ..Reported::default()
    }
}

fn uid(answer: &Answer<'_>) -> Option<String> {
    let (user, workspace) = (answer.id_at("/owner/user/id")?, answer.id("workspace_id")?);
    Some(format!("user-{user}_workspace-{workspace}"))
}
