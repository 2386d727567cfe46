//! Zoho, in the United States; elsewhere `authorize_url`, `access_token_url` and `identity_url` name
//! another server. <https://www.zoho.com/accounts/protocol/oauth.html>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const ZOHO: Provider = Provider {
    id: "zoho",
    name: "Zoho",
    protocol: Protocol {
        authorize_url: "https://accounts.zoho.com/oauth/v2/auth",
        token_url: "https://accounts.zoho.com/oauth/v2/token",
        scope: &["aaaserver.profile.READ"],
        profile: ProfileRequest::bearer("https://accounts.zoho.com/oauth/user/info"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("ZUID"),
        email: answer.text("/Email"),
        username: answer.text("/Display_Name"),
        first_name: answer.text("/First_Name"),
        last_name: answer.text("/Last_Name"),
        ..Reported::default()
    }
}
