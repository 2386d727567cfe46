//! LinkedIn, as it signed users in until 2023; for the accounts that were connected then.
//! <https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin>
//!
//! New apps use `linkedin`. A name comes in several languages, and the address as a document of its own.

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, Encoding, Pkce, ProfileRequest, Protocol, Provider,
    Reported, TokenRequest,
};

pub(crate) const LINKEDIN_OAUTH2: Provider = Provider {
    id: "linkedin_oauth2",
    name: "LinkedIn",
    protocol: Protocol {
        authorize_url: "https://www.linkedin.com/oauth/v2/authorization",
        token_url: "https://www.linkedin.com/oauth/v2/accessToken",
        token_request: TokenRequest { encoding: Encoding::Query, ..TokenRequest::POST },
        scope: &["r_liteprofile", "r_emailaddress"],
        pkce: Pkce::Off,
        profile: ProfileRequest {
            query: &[("projection", "(id,firstName,lastName)")],
            ..ProfileRequest::bearer("https://api.linkedin.com/v2/me")
        },
        emails_url: concat!(
            "https://api.linkedin.com/v2/emailAddress",
            "?q=members&projection=(elements*(handle~))"
        ),
        check: AudienceCheck::Asked(
            CheckRequest::Introspection("https://www.linkedin.com/oauth/v2/introspectToken"),
            &["/client_id"],
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer
            .text("/emails/elements/0/handle~0/emailAddress")
            .or_else(|| answer.text("/elements/0/handle~0/emailAddress")),
        first_name: localized(answer, "firstName"),
        last_name: localized(answer, "lastName"),
        ..Reported::default()
    }
}

/// A name in the language that the user prefers, else in any.
fn localized(answer: &Answer<'_>, member: &str) -> Option<String> {
    if let Some(plain) = answer.text(&format!("/{member}")) {
        return Some(plain);
    }
    let name = answer.part(member)?;
    let language = name.text("/preferredLocale/language").unwrap_or_else(|| "en".to_owned());
    let country = name.text("/preferredLocale/country").unwrap_or_else(|| "US".to_owned());
    let preferred = name.text(&format!("/localized/{language}_{country}"));
    preferred.or_else(|| name.part("localized")?.any_text())
}
