//! HubSpot. <https://developers.hubspot.com/docs/guides/apps/authentication/working-with-oauth>
//!
//! What HubSpot knows of a token names the user. allauth counts its addresses as verified.

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const HUBSPOT: Provider = Provider {
    id: "hubspot",
    name: "HubSpot",
    protocol: Protocol {
        authorize_url: "https://app.hubspot.com/oauth/authorize",
        token_url: "https://api.hubapi.com/oauth/v1/token",
        scope: &["oauth"],
        profile: ProfileRequest {
            token: Placement::Path,
            ..ProfileRequest::bearer("https://api.hubapi.com/oauth/v1/access-tokens/{access_token}")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("user_id"),
        email: answer.text("/user"),
        email_verified: true,
        not_stored: &["token"],
        ..Reported::default()
    }
}
