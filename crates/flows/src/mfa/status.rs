//! The second factors that a user has set up.

use chrono::{DateTime, Utc};
use rest_auth_store::{
    Authenticator, FactorKind, FactorSource, Factors, PasskeyKey, PasskeySource, User,
};

use crate::auth::Auth;
use crate::error::AuthError;
use crate::login::second_factor;
use crate::passkeys;

/// What there is.
#[derive(Clone, Debug)]
pub struct FactorStatus {
    /// Whether logins ask for a second factor.
    pub mfa_enabled: bool,
    /// When the authenticator app was set up, or else the first passkey.
    pub created_at: Option<DateTime<Utc>>,
    /// When a factor was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Each factor.
    pub factors: Vec<FactorShown>,
}

/// One factor, without its secrets.
#[derive(Clone, Debug)]
pub struct FactorShown {
    /// `totp`, `recovery_codes` or `passkey`.
    pub kind: &'static str,
    /// The id of a passkey, as `passkeys/` has it.
    pub id: Option<i64>,
    /// The name of a passkey.
    pub name: Option<String>,
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
pub async fn of(auth: &Auth, user: &User) -> Result<FactorStatus, AuthError> {
    let factors = second_factor::of(auth, user.id).await?.with_times(auth).await;
    let totp = factors.totp();
    Ok(FactorStatus {
        mfa_enabled: factors.is_on(),
        created_at: totp.or(factors.first_passkey()).and_then(|factor| factor.created_at),
        last_used_at: factors.all().iter().filter_map(|factor| factor.last_used_at).max(),
        factors: factors.all().iter().map(|factor| shown(auth, factor)).collect(),
    })
}

/// All factors of a user, whether logins ask for them or not.
///
/// # Errors
/// Errors of the database.
pub async fn all(auth: &Auth, user: &User) -> Result<Vec<FactorShown>, AuthError> {
    let mut all = auth.store().authenticators_of(user.id, Factors::ALL).await?;
    auth.store().add_times_of_allauth(&mut all).await;
    Ok(all.iter().map(|factor| shown(auth, factor)).collect())
}

/// The package whose table it is.
pub(super) fn app(source: FactorSource) -> &'static str {
    match source {
        FactorSource::DjRestAuth | FactorSource::Passkeys => "dj_rest_auth",
        FactorSource::Allauth => "allauth",
    }
}

/// The place of a factor that is a passkey.
fn passkey_key(factor: &Authenticator) -> Option<PasskeyKey> {
    let source = match factor.source {
        FactorSource::Passkeys => PasskeySource::DjRestAuth,
        FactorSource::Allauth if factor.kind == FactorKind::Passkey => PasskeySource::Allauth,
        FactorSource::Allauth | FactorSource::DjRestAuth => return None,
    };
    Some(PasskeyKey { source, row_id: factor.id })
}

fn shown(auth: &Auth, factor: &Authenticator) -> FactorShown {
    FactorShown {
        kind: match factor.kind {
            FactorKind::Passkey => "passkey",
            kind => kind.name(),
        },
        id: passkey_key(factor).map(passkeys::id_at),
        name: passkey_key(factor).and_then(|_| Some(factor.data.get("name")?.as_str()?.to_owned())),
        app: app(factor.source),
        created_at: factor.created_at,
        last_used_at: factor.last_used_at,
        remaining: (factor.kind == FactorKind::RecoveryCodes)
            .then(|| second_factor::remaining(auth, factor)),
    }
}
