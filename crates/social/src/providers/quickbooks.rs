//! `QuickBooks` (Intuit).
//! <https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization>

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported, TokenRequest};

pub(crate) const QUICKBOOKS: Provider = Provider {
    id: "quickbooks",
    name: "QuickBooks",
    protocol: Protocol {
        authorize_url: "https://appcenter.intuit.com/connect/oauth2",
        token_url: "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        token_request: TokenRequest { basic: true, ..TokenRequest::POST },
        scope: &["openid", "com.intuit.quickbooks.accounting", "profile", "phone", "email"],
        profile: ProfileRequest::bearer(
            "https://accounts.platform.intuit.com/v1/openid_connect/userinfo",
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), email: answer.text("/email"), ..Reported::default() }
}
