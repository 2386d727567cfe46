//! Amazon Cognito.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html>
//!
//! `domain` is the address of the user pool, with `https://`. Flags come as texts. The pool issues ID
//! tokens under another name: an app that sends one needs `id_token_issuer` and `certs_url`.

use crate::provider::{Answer, ProfileRequest, Protocol, Provider, Reported, Variable};

pub(crate) const AMAZON_COGNITO: Provider = Provider {
    id: "amazon_cognito",
    name: "Amazon Cognito",
    protocol: Protocol {
        variables: &[Variable::new("domain", "")],
        authorize_url: "{domain}/oauth2/authorize",
        token_url: "{domain}/oauth2/token",
        scope: &["openid", "profile", "email"],
        profile: ProfileRequest::bearer("{domain}/oauth2/userInfo"),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.standard_claims() }
}
