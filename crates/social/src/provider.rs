//! A provider: how it is asked, and how its answers are read.

mod answer;
mod protocol;

pub(crate) use answer::{Answer, Reported};
pub(crate) use protocol::{
    AudienceCheck, CheckRequest, Encoding, IdTokens, IdentitySource, Pkce, Placement,
    ProfileMethod, ProfileRequest, Protocol, RequestedFields, TokenRequest, Variable,
    VariableValues,
};

/// One provider: data, and one pure function.
#[derive(Clone, Copy)]
pub(crate) struct Provider {
    /// The id of allauth, as `socialaccount.providers` and the column `provider` have it.
    pub(crate) id: &'static str,
    /// Its name, for users.
    pub(crate) name: &'static str,
    /// How it is asked.
    pub(crate) protocol: Protocol,
    /// Reads what the provider says about a user. The uid must stay the one that allauth stores:
    /// with another one every user would get a second account.
    pub(crate) read_profile: fn(&Answer<'_>) -> Reported,
}

impl Provider {
    /// A provider of allauth's without rules of its own, whose addresses the configuration has to
    /// give.
    pub(crate) const ANY_OTHER: Self = Self {
        id: "",
        name: "",
        protocol: Protocol::NONE,
        read_profile: |answer| Reported { uid: answer.id("id"), ..answer.usual_fields() },
    };
}
