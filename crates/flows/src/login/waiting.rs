//! What is kept of a login that waits for a step.

use rest_auth_store::TokenClient;
use serde::{Deserialize, Serialize};

use super::factor::Factor;
use crate::authentication_backend::LoginBackend;

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
}

/// What a login waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Needs {
    /// A code of the second factor.
    SecondFactor,
    /// A second factor to be set up.
    SetUp,
}

impl WaitingLogin {
    /// A login of a client.
    pub(crate) fn new(
        needs: Needs,
        backend: LoginBackend,
        factors: &[Factor],
        client: TokenClient,
    ) -> Self {
        let client = (client.user_agent, client.ip);
        Self { needs, backend, factors: factors.to_vec(), client }
    }
}
