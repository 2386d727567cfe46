//! Facebook. <https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow>
//!
//! The request for the profile is signed with the app secret, which Facebook accepts only for a
//! token of the same app. Limited Login on Apple's devices gives an ID token instead.

use crate::provider::{
    Answer, AudienceCheck, Encoding, IdTokens, Placement, ProfileRequest, Protocol, Provider,
    Reported, TokenRequest, Variable,
};

/// The fields of a profile, as allauth asks for them.
const FIELDS: &str =
    "id,email,name,first_name,last_name,verified,locale,timezone,link,gender,updated_time";

pub(crate) const FACEBOOK: Provider = Provider {
    id: "facebook",
    name: "Facebook",
    protocol: Protocol {
        variables: &[
            Variable::new("version", "v25.0"),
            Variable::new("graph_api_url", "https://graph.facebook.com/{version}"),
        ],
        authorize_url: "https://www.facebook.com/{version}/dialog/oauth",
        token_url: "{graph_api_url}/oauth/access_token",
        token_request: TokenRequest { encoding: Encoding::Query, ..TokenRequest::POST },
        scope: &["email", "public_profile"],
        scope_separator: ",",
        profile: ProfileRequest {
            token: Placement::Query("access_token"),
            query: &[("fields", FIELDS)],
            proves_app: true,
            ..ProfileRequest::bearer("{graph_api_url}/me")
        },
        id_tokens: Some(IdTokens {
            issuers: &["https://www.facebook.com"],
            keys_url: "https://limited.facebook.com/.well-known/oauth/openid/jwks/",
        }),
        check: AudienceCheck::ByProfile,
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.first_id(&["id", "sub"]), ..answer.usual_fields() }
}
