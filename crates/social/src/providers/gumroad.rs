//! Gumroad. <https://gumroad.com/api>

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported, Variable};

pub(crate) const GUMROAD: Provider = Provider {
    id: "gumroad",
    name: "Gumroad",
    protocol: Protocol {
        variables: &[Variable::new("gumroad_url", "https://gumroad.com")],
        authorize_url: "{gumroad_url}/oauth/authorize",
        token_url: "{gumroad_url}/oauth/token",
        scope: &["edit_products"],
        profile: ProfileRequest {
            token: Placement::Query("access_token"),
            member: "/user",
            ..ProfileRequest::bearer("https://api.gumroad.com/v2/user")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("user_id"), ..answer.usual_fields() }
}
