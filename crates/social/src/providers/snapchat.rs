//! Snapchat. <https://developers.snap.com/snap-kit/login-kit/overview>
//!
//! The profile is asked for in GraphQL. No address is given.

use crate::provider::{Answer, ProfileMethod, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const SNAPCHAT: Provider = Provider {
    id: "snapchat",
    name: "Snapchat",
    protocol: Protocol {
        authorize_url: "https://accounts.snapchat.com/accounts/oauth2/auth",
        token_url: "https://accounts.snapchat.com/accounts/oauth2/token",
        scope: &[
            "https://auth.snapchat.com/oauth2/api/user.external_id",
            "https://auth.snapchat.com/oauth2/api/user.display_name",
        ],
        profile: ProfileRequest {
            method: ProfileMethod::Json(&[("query", "{ me { externalId displayName } }")]),
            ..ProfileRequest::bearer("https://api.snapkit.com/v1/me")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id_at("/data/me/externalId"),
        name: answer.text("/data/me/displayName"),
        ..Reported::default()
    }
}
