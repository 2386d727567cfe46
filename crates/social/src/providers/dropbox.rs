//! Dropbox. <https://developers.dropbox.com/oauth-guide>

use crate::provider::{Answer, ProfileMethod, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const DROPBOX: Provider = Provider {
    id: "dropbox",
    name: "Dropbox",
    protocol: Protocol {
        authorize_url: "https://www.dropbox.com/oauth2/authorize",
        token_url: "https://api.dropboxapi.com/oauth2/token",
        profile: ProfileRequest {
            method: ProfileMethod::Post,
            ..ProfileRequest::bearer("https://api.dropboxapi.com/2/users/get_current_account")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("account_id"),
        email: answer.text("/email"),
        name: answer.text("/name/display_name"),
        ..Reported::default()
    }
}
