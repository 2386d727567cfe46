//! X, formerly Twitter. <https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code>
//!
//! The address comes with the scope `users.email`, for an app whose settings request it. X gives only
//! one that the user has confirmed.

use crate::provider::{
    Answer, ProfileRequest, Protocol, Provider, Reported, RequestedFields, TokenRequest,
};

pub(crate) const TWITTER_OAUTH2: Provider = Provider {
    id: "twitter_oauth2",
    name: "X",
    protocol: Protocol {
        authorize_url: "https://x.com/i/oauth2/authorize",
        token_url: "https://api.x.com/2/oauth2/token",
        token_request: TokenRequest { basic: true, ..TokenRequest::POST },
        scope: &["users.read", "tweet.read"],
        profile: ProfileRequest {
            fields: Some(RequestedFields {
                parameter: "user.fields",
                always: &["id", "name", "username", "verified", "profile_image_url", "created_at"],
                with_scope: &[("users.email", &["confirmed_email"])],
            }),
            member: "/data",
            ..ProfileRequest::bearer("https://api.x.com/2/users/me")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/confirmed_email"),
        email_verified: true,
        username: answer.text("/username"),
        name: answer.text("/name"),
        ..Reported::default()
    }
}
