//! `MediaWiki`, by default Wikipedia's. <https://www.mediawiki.org/wiki/OAuth/For_Developers>
//!
//! Its addresses are confirmed, or not taken.

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported, Variable};

pub(crate) const MEDIAWIKI: Provider = Provider {
    id: "mediawiki",
    name: "MediaWiki",
    protocol: Protocol {
        variables: &[
            Variable::new("rest_api", "https://meta.wikimedia.org/w/rest.php"),
            Variable::new("user_agent", concat!("rest-auth/", env!("CARGO_PKG_VERSION"))),
        ],
        authorize_url: "{rest_api}/oauth2/authorize",
        token_url: "{rest_api}/oauth2/access_token",
        profile: ProfileRequest {
            headers: &[("user-agent", "{user_agent}")],
            ..ProfileRequest::bearer("{rest_api}/oauth2/resource/profile")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    let is_confirmed = answer.says_yes("/confirmed_email");
    Reported {
        uid: answer.id("sub"),
        email: answer.text("/email").filter(|_| is_confirmed),
        email_verified: is_confirmed,
        username: answer.text("/username"),
        name: answer.text("/realname"),
        ..Reported::default()
    }
}
