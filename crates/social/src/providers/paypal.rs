//! PayPal. <https://developer.paypal.com/docs/log-in-with-paypal/integrate/>
//!
//! `mode` has to be set: with `sandbox` people log in with made-up accounts.

use crate::provider::{
    Answer, ProfileRequest, Protocol, Provider, Reported, Variable, VariableValues,
};

pub(crate) const PAYPAL: Provider = Provider {
    id: "paypal",
    name: "PayPal",
    protocol: Protocol {
        variables: &[Variable {
            values: VariableValues::OneOf(&[
                ("live", "paypal.com"),
                ("sandbox", "sandbox.paypal.com"),
            ]),
            ..Variable::new("mode", "")
        }],
        authorize_url: "https://www.{mode}/webapps/auth/protocol/openidconnect/v1/authorize",
        token_url: "https://api.{mode}/v1/identity/openidconnect/tokenservice",
        scope: &["openid", "email"],
        profile: ProfileRequest {
            query: &[("schema", "openid")],
            ..ProfileRequest::bearer("https://api.{mode}/v1/identity/openidconnect/userinfo")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..answer.usual_fields() }
}
