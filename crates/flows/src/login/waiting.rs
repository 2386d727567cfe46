//! What is kept of a login that waits for a step.

use rest_auth_store::TokenClient;
use serde::{Deserialize, Serialize};

use super::factor::Factor;
use super::mailed_code::SentCode;
use super::proven::Proven;
use crate::authentication_backend::LoginBackend;
use crate::client::Client;

/// A login that waits for a step. Its user is the owner of the challenge that it is kept in.
#[derive(Serialize, Deserialize)]
pub(crate) struct WaitingLogin {
    /// What it waits for.
    pub(crate) needs: Needs,
    /// The backend that accepted the first proof.
    pub(crate) backend: LoginBackend,
    /// What was proven so far, in order.
    pub(crate) factors: Vec<Factor>,
    /// Who began it: their browser and address.
    pub(crate) client: (String, String),
    /// The code that was mailed for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<SentCode>,
}

/// What a login waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Needs {
    /// A code of the second factor.
    SecondFactor,
    /// A code that was mailed.
    MailedCode,
    /// A second factor to be set up.
    SetUp,
}

impl WaitingLogin {
    /// What is left of a proof.
    pub(super) fn new(needs: Needs, proven: &Proven, client: &Client) -> Self {
        let TokenClient { user_agent, ip } = client.into();
        let (backend, factors) = (proven.backend(), proven.factors().to_vec());
        Self { needs, backend, factors, client: (user_agent, ip), code: None }
    }

    /// The same, for a code that was mailed.
    pub(super) fn for_code(proven: &Proven, client: &Client, code: SentCode) -> Self {
        Self { code: Some(code), ..Self::new(Needs::MailedCode, proven, client) }
    }
}
