//! Amazon Cognito.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const AMAZON_COGNITO: Provider =
    Provider { id: "amazon_cognito", name: "Amazon Cognito", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: answer.id("sub"), ..answer.standard_claims() }
}
