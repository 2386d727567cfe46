//! The accounts at providers.

use chrono::{DateTime, Utc};
use rest_auth_flows::social::connections;
use rest_auth_flows::social::sign_up::SignUp;
use serde::Serialize;
use utoipa::ToSchema;

/// An account at a provider that the user has connected.
#[derive(Serialize, ToSchema)]
pub(crate) struct SocialAccount<'a> {
    pub(crate) id: i64,
    /// The provider's id, such as `google`.
    pub(crate) provider: &'a str,
    /// Who the user is there.
    pub(crate) uid: &'a str,
    /// When the user last logged in with it.
    #[schema(format = DateTime)]
    pub(crate) last_login: String,
    /// When it was connected.
    #[schema(format = DateTime)]
    pub(crate) date_joined: String,
}

impl<'a> SocialAccount<'a> {
    /// The account, with its times as `written`.
    pub(crate) fn new(
        account: &'a connections::SocialAccount,
        written: impl Fn(DateTime<Utc>) -> String,
    ) -> Self {
        Self {
            id: account.id,
            provider: &account.provider,
            uid: &account.uid,
            last_login: written(account.last_login),
            date_joined: written(account.date_joined),
        }
    }
}

/// An object without keys: the account is disconnected.
#[derive(Serialize, ToSchema)]
pub(crate) struct Disconnected {}

/// Where to send the browser.
#[derive(Serialize, ToSchema)]
pub(crate) struct BeginAnswer {
    /// An address of this server, which works once, within a minute. From there the browser goes to
    /// the provider.
    pub(crate) begin_url: String,
}

/// An account that has yet to be completed, at `social/signup/`.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignUpStep<'a> {
    /// What completes it, once.
    pub(crate) signup_token: &'a str,
    /// Always true.
    pub(crate) signup_required: bool,
    /// The provider's id.
    pub(crate) provider: &'a str,
    /// The fields that have to be sent.
    pub(crate) missing: Vec<&'a str>,
    /// The address that the provider knows; may be empty.
    pub(crate) email: &'a str,
    /// Whether that address belongs to an account here: log in to it and connect the provider, or
    /// send another one.
    pub(crate) email_taken: bool,
    /// The name at the provider; may be empty.
    pub(crate) username: &'a str,
}

impl<'a> From<&'a SignUp> for SignUpStep<'a> {
    fn from(waiting: &'a SignUp) -> Self {
        Self {
            signup_token: &waiting.token.0,
            signup_required: true,
            provider: &waiting.provider,
            missing: waiting.missing.to_vec(),
            email: &waiting.email,
            email_taken: waiting.is_email_taken,
            username: &waiting.username,
        }
    }
}
