//! Answers about second factors.

use chrono::{DateTime, Utc};
use rest_auth_flows::login::Pending;
use rest_auth_flows::login::Step;
use rest_auth_flows::mfa::activation::TotpSetup;
use rest_auth_flows::mfa::status::FactorStatus;
use serde::Serialize;
use utoipa::ToSchema;

/// A login that waits for its second step.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondStep<'p> {
    /// What goes on with the login. It works once, and ends soon.
    ephemeral_token: &'p str,
    /// Always true.
    mfa_required: bool,
    /// Whether the user has to set a second factor up first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    mfa_setup_required: Option<bool>,
    /// What completes the login, or can be set up: `totp`, `recovery_code`, `passkey`;
    /// `mailed_code` where others had guessed at the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    methods: Option<Vec<&'static str>>,
}

impl<'p> SecondStep<'p> {
    /// The step of a login; none if it has no token to go on with.
    pub(crate) fn of(pending: &'p Pending, is_detailed: bool) -> Option<Self> {
        let sets_up = pending.step() == Step::SetUpSecondFactor;
        let methods = || pending.methods().iter().map(|method| method.name()).collect();
        Some(Self {
            ephemeral_token: pending.token()?,
            mfa_required: true,
            mfa_setup_required: sets_up.then_some(true),
            methods: is_detailed.then(methods),
        })
    }
}

/// A secret for an authenticator app.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpSecret<'b> {
    /// The secret in base 32, for those who type it.
    secret: &'b str,
    /// What the app reads.
    totp_url: &'b str,
    /// The same as a picture.
    qr_code_data_uri: &'b str,
    /// What confirms the secret, together with a code of the app.
    activation_token: &'b str,
}

impl<'b> From<&'b TotpSetup> for TotpSecret<'b> {
    fn from(begun: &'b TotpSetup) -> Self {
        Self {
            secret: &begun.secret,
            totp_url: &begun.totp_url,
            qr_code_data_uri: &begun.qr_code_data_uri,
            activation_token: &begun.activation_token,
        }
    }
}

/// The recovery codes of an app or a passkey that was set up.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewRecoveryCodes<'c> {
    /// Each works once, in place of another second factor.
    pub(crate) recovery_codes: &'c [String],
}

/// Recovery codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes<'c> {
    /// The codes that can be shown.
    pub(crate) codes: &'c [String],
    /// How many can still be used, where they cannot be shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) remaining: Option<i64>,
}

/// The second factors of a user.
#[derive(Serialize, ToSchema)]
pub(crate) struct MfaStatus {
    /// Whether logins ask for a second factor.
    mfa_enabled: bool,
    /// When the authenticator app was set up, or else the first passkey.
    #[schema(format = DateTime)]
    created_at: Option<String>,
    /// When a factor was last used.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// Each factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    factors: Option<Vec<SecondFactor>>,
}

/// A number of things, for JSON.
pub(crate) fn count(things: usize) -> i64 {
    i64::try_from(things).unwrap_or(i64::MAX)
}

/// A second factor.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactor {
    /// `totp`, `recovery_codes` or `passkey`.
    r#type: &'static str,
    /// The id of a passkey, as `passkeys/` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<i64>,
    /// The name of a passkey.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// When it was set up, if that is known.
    #[schema(format = DateTime)]
    created_at: Option<String>,
    /// When it was last used.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// How many recovery codes are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    remaining: Option<i64>,
}

impl MfaStatus {
    /// The status, with times as `written`.
    pub(crate) fn new(
        status: &FactorStatus,
        written: impl Fn(DateTime<Utc>) -> String,
        is_detailed: bool,
    ) -> Self {
        let shown = |time: Option<DateTime<Utc>>| time.map(&written);
        let factors = status.factors.iter().map(|factor| SecondFactor {
            r#type: factor.kind,
            id: factor.id,
            name: factor.name.clone(),
            created_at: shown(factor.created_at),
            last_used_at: shown(factor.last_used_at),
            remaining: factor.remaining.map(count),
        });
        Self {
            mfa_enabled: status.mfa_enabled,
            created_at: shown(status.created_at),
            last_used_at: shown(status.last_used_at),
            factors: is_detailed.then(|| factors.collect()),
        }
    }
}
