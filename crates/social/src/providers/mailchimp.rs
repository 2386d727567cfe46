//! Mailchimp. <https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/>
//!
//! As in allauth the address is not taken.

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const MAILCHIMP: Provider = Provider {
    id: "mailchimp",
    name: "Mailchimp",
    protocol: Protocol {
        authorize_url: "https://login.mailchimp.com/oauth2/authorize",
        token_url: "https://login.mailchimp.com/oauth2/token",
        profile: ProfileRequest {
            token: Placement::Header("OAuth"),
            ..ProfileRequest::bearer("https://login.mailchimp.com/oauth2/metadata")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..Reported::default() }
}
