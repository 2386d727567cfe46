//! GitHub. The addresses are a document of their own, which joins the answer as `emails`.

use rest_auth_domain::email::Email;

use crate::addresses::ProfileEmail;
use crate::provider::{Answer, Provider, Reported};

pub(crate) const GITHUB: Provider = Provider { id: "github", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/email"),
        username: answer.text("/login"),
        name: answer.text("/name"),
        emails: listed(answer),
        not_stored: &["emails"],
        ..Reported::default()
    }
}

fn listed(answer: &Answer<'_>) -> Vec<ProfileEmail> {
    let address = |entry: Answer<'_>| {
        Some(ProfileEmail {
            email: Email::parse(&entry.text("/email")?).ok()?.into_string(),
            verified: entry.says_yes("/verified"),
            primary: entry.says_yes("/primary"),
        })
    };
    answer.list("emails").filter_map(address).collect()
}
