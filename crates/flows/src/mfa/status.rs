//! The second factors that a user has set up.

use chrono::{DateTime, Utc};
use rest_auth_store::{Authenticator, FactorKind, FactorSource, Factors, User};

use crate::auth::Auth;
use crate::error::AuthError;
use crate::login::second_factor;

/// What there is.
#[derive(Clone, Debug)]
pub struct Status {
    /// Whether logins ask for a second factor.
    pub mfa_enabled: bool,
    /// When the authenticator app was set up.
    pub created_at: Option<DateTime<Utc>>,
    /// When a factor was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Each factor.
    pub factors: Vec<FactorShown>,
}

/// One factor, without its secrets.
#[derive(Clone, Debug)]
pub struct FactorShown {
    /// `totp`, `recovery_codes` or `webauthn`.
    pub kind: &'static str,
    /// Whose table it is in: `dj_rest_auth` or `allauth`.
    pub app: &'static str,
    /// When it was set up, if that is known.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// How many recovery codes are left.
    pub remaining: Option<usize>,
}

/// The second factors of a user.
///
/// # Errors
/// Errors of the database.
pub async fn of(auth: &Auth, user: &User) -> Result<Status, AuthError> {
    let factors = second_factor::of(auth, user.id).await?;
    let totp = factors.totp();
    Ok(Status {
        mfa_enabled: factors.is_on(),
        created_at: totp.and_then(|totp| totp.created_at),
        last_used_at: factors.all().iter().filter_map(|factor| factor.last_used_at).max(),
        factors: factors.all().iter().map(|factor| shown(auth, factor)).collect(),
    })
}

/// All factors of a user, whether logins ask for them or not.
///
/// # Errors
/// Errors of the database.
pub async fn all(auth: &Auth, user: &User) -> Result<Vec<FactorShown>, AuthError> {
    let all = auth.store().authenticators_of(user.id, Factors::All).await?;
    Ok(all.iter().map(|factor| shown(auth, factor)).collect())
}

fn shown(auth: &Auth, factor: &Authenticator) -> FactorShown {
    FactorShown {
        kind: factor.kind.name(),
        app: match factor.source {
            FactorSource::DjRestAuth => "dj_rest_auth",
            FactorSource::Allauth => "allauth",
        },
        created_at: factor.created_at,
        last_used_at: factor.last_used_at,
        remaining: (factor.kind == FactorKind::RecoveryCodes)
            .then(|| second_factor::remaining(auth, factor)),
    }
}
