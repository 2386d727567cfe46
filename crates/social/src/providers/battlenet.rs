//! Battle.net. <https://develop.battle.net/documentation/guides/using-oauth>
//!
//! No address is given. Accounts in China are other accounts with the same numbers: for them the three
//! addresses have to name the servers there.

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported};

pub(crate) const BATTLENET: Provider = Provider {
    id: "battlenet",
    name: "Battle.net",
    protocol: Protocol {
        authorize_url: "https://oauth.battle.net/authorize",
        token_url: "https://oauth.battle.net/token",
        scope: &["openid"],
        profile: ProfileRequest::bearer("https://oauth.battle.net/userinfo"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: uid(answer), username: answer.text("/battletag"), ..Reported::default() }
}

fn uid(answer: &Answer<'_>) -> Option<String> {
    let id = answer.id("id")?;
    Some(if answer.text("/region").as_deref() == Some("cn") { id + "-cn" } else { id })
}
