//! Salesforce.
//! <https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm>
//!
//! As in allauth the `key` of the app is the address of the server, such as that of a sandbox.

use crate::provider::{
    Answer, AudienceCheck, CheckRequest, ProfileRequest, Protocol, Provider, Reported, Variable,
};

pub(crate) const SALESFORCE: Provider = Provider {
    id: "salesforce",
    name: "Salesforce",
    protocol: Protocol {
        variables: &[Variable::following(
            "base_url",
            "https://login.salesforce.com",
            "key",
            "{key}",
        )],
        authorize_url: "{base_url}/services/oauth2/authorize",
        token_url: "{base_url}/services/oauth2/token",
        scope: &["id", "openid"],
        profile: ProfileRequest::bearer("{base_url}/services/oauth2/userinfo"),
        check: AudienceCheck::Asked(
            CheckRequest::Introspection("{base_url}/services/oauth2/introspect"),
            &["/client_id"],
        ),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..answer.standard_claims() }
}
