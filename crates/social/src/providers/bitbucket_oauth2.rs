//! Bitbucket. <https://developer.atlassian.com/cloud/bitbucket/rest/intro/>
//!
//! The addresses are a document of their own, of which allauth takes the main one, unverified. The scope
//! is set in the app.

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const BITBUCKET_OAUTH2: Provider = Provider {
    id: "bitbucket_oauth2",
    name: "Bitbucket",
    protocol: Protocol {
        authorize_url: "https://bitbucket.org/site/oauth2/authorize",
        token_url: "https://bitbucket.org/site/oauth2/access_token",
        profile: ProfileRequest::bearer("https://api.bitbucket.org/2.0/user"),
        emails_url: "https://api.bitbucket.org/2.0/user/emails",
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("account_id"),
        former_uid: answer.text("/username").map(|name| (name, "account_id")),
        email: main_address(answer).or_else(|| answer.text("/email")),
        username: answer.text("/username"),
        name: answer.text("/display_name"),
        not_stored: &["emails"],
        ..Reported::default()
    }
}

fn main_address(answer: &Answer<'_>) -> Option<String> {
    let listed: Vec<_> = answer.part("emails")?.list("values").collect();
    let main = listed.iter().find(|entry| entry.says_yes("/is_primary"));
    main.or(listed.first())?.text("/email")
}
