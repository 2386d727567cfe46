//! The second factors that a user has, and what a typed code is to them.
//!
//! A passkey is one where `passkeys.second_factor` is on, and one of allauth also by
//! `mfa.allauth_factors`. Whether it counts or not, it can complete a login that asks.

use rest_auth_domain::mfa::allauth::{self, RecoveryShape};
use rest_auth_domain::mfa::{Owner, TotpShape, authenticator, hashed_codes, recovery_codes};
use rest_auth_store::{
    Authenticator, FactorKind, FactorSource, FactorUse, Factors, Packages, SingleUse,
};
use serde_json::Value;

use super::factor::Method;
use crate::auth::Auth;
use crate::error::AuthError;

/// Steps that the clock of allauth's users may be off, on each side, as for those of dj-rest-auth.
const TOLERANCE: u8 = 1;

/// The second factors of a user that count.
pub(crate) struct SecondFactors {
    user_id: i64,
    all: Vec<Authenticator>,
    has_passkey: bool,
}

/// A factor that a code fits.
pub(crate) struct Fitting<'f> {
    factor: &'f Authenticator,
    /// What the code proves.
    pub(crate) method: Method,
}

/// The second factors of a user, in one statement. None where `apps.mfa` is off.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn of(auth: &Auth, user_id: i64) -> Result<SecondFactors, AuthError> {
    if !auth.settings().apps.mfa {
        return Ok(SecondFactors { user_id, all: Vec::new(), has_passkey: false });
    }
    let all = auth.store().authenticators_of(user_id, tables(auth)).await?;
    Ok(those_that_count(auth, user_id, all))
}

/// The tables that may have factors that count.
pub(crate) fn tables(auth: &Auth) -> Factors {
    let settings = auth.settings();
    let passkeys = settings.apps.passkeys;
    Factors { allauth: settings.mfa.allauth_factors || passkeys, passkeys }
}

/// Whose authenticator apps and recovery codes a change takes away: those that count.
pub(crate) fn packages(auth: &Auth) -> Packages {
    if auth.settings().mfa.allauth_factors { Packages::Both } else { Packages::DjRestAuth }
}

/// Those factors of a user that count, of all that [`tables`] have of them.
pub(crate) fn those_that_count(
    auth: &Auth,
    user_id: i64,
    mut all: Vec<Authenticator>,
) -> SecondFactors {
    let is_passkey = |factor: &Authenticator| factor.kind == FactorKind::Passkey;
    let has_passkey = auth.settings().apps.passkeys && all.iter().any(is_passkey);
    all.retain(|factor| counts(auth, factor));
    SecondFactors { user_id, all, has_passkey }
}

/// Whether a factor makes logins ask for it.
fn counts(auth: &Auth, factor: &Authenticator) -> bool {
    match factor.source {
        FactorSource::DjRestAuth => true,
        FactorSource::Passkeys => passkeys_count(auth),
        FactorSource::Allauth => {
            auth.settings().mfa.allauth_factors
                || (passkeys_count(auth) && factor.kind == FactorKind::Passkey)
        }
    }
}

/// Whether a passkey makes logins ask for it, whoever keeps it.
pub(crate) fn passkeys_count(auth: &Auth) -> bool {
    let settings = auth.settings();
    settings.apps.mfa && settings.apps.passkeys && settings.passkeys.second_factor
}

impl SecondFactors {
    /// Whether a login asks for one. Recovery codes alone are none.
    pub(crate) fn is_on(&self) -> bool {
        self.all.iter().any(|factor| factor.kind != FactorKind::RecoveryCodes)
    }

    /// The authenticator app.
    pub(crate) fn totp(&self) -> Option<&Authenticator> {
        self.all.iter().find(|factor| factor.kind == FactorKind::Totp)
    }

    /// The passkey that was added first.
    pub(crate) fn first_passkey(&self) -> Option<&Authenticator> {
        let passkeys = self.all.iter().filter(|factor| factor.kind == FactorKind::Passkey);
        passkeys.min_by_key(|passkey| passkey.created_at)
    }

    /// Whether a passkey can complete a login.
    pub(crate) fn has_passkey(&self) -> bool {
        self.has_passkey
    }

    /// Whether there is something that can be asked for, so that nothing is set up in its place by
    /// whoever has not shown it.
    pub(crate) fn has_any(&self) -> bool {
        self.is_on() || self.has_passkey
    }

    /// Whether there are recovery codes, used up or not.
    pub(crate) fn has_recovery_codes(&self) -> bool {
        self.all.iter().any(|factor| factor.kind == FactorKind::RecoveryCodes)
    }

    /// The same, with the times of allauth's.
    pub(crate) async fn with_times(mut self, auth: &Auth) -> Self {
        auth.store().add_times_of_allauth(&mut self.all).await;
        self
    }

    /// All, with recovery codes.
    pub(crate) fn all(&self) -> &[Authenticator] {
        &self.all
    }

    /// What completes a login.
    pub(crate) fn methods(&self, auth: &Auth) -> Vec<Method> {
        let totp = self.totp().map(|_| Method::Totp);
        let codes = (self.remaining(auth) > 0).then_some(Method::RecoveryCode);
        totp.into_iter().chain(codes).collect()
    }

    /// How many recovery codes can still be used.
    pub(crate) fn remaining(&self, auth: &Auth) -> usize {
        let codes = self.all.iter().filter(|factor| factor.kind == FactorKind::RecoveryCodes);
        codes.map(|codes| remaining(auth, codes)).sum()
    }

    /// The recovery codes that can still be used, as far as they are kept readable.
    pub(crate) fn readable_codes(&self, auth: &Auth) -> Vec<String> {
        let codes = self.all.iter().filter(|factor| factor.kind == FactorKind::RecoveryCodes);
        codes.flat_map(|codes| readable(auth, codes)).collect()
    }

    /// The factor that a code fits, as things are now.
    pub(crate) fn fitting(&self, auth: &Auth, code: &str) -> Option<Fitting<'_>> {
        let fitting = self.all.iter().find_map(|factor| {
            after_use(auth, self.user_id, factor, code, &factor.data)?;
            let method = match factor.kind {
                FactorKind::Totp => Method::Totp,
                FactorKind::RecoveryCodes => Method::RecoveryCode,
                FactorKind::Passkey => return None,
            };
            Some(Fitting { factor, method })
        });
        if fitting.is_none() {
            self.log_of_other_keys(auth);
        }
        fitting
    }

    /// Logs the factors that no key of this server reads: their codes are right and refused.
    fn log_of_other_keys(&self, auth: &Auth) {
        let keys = auth.factor_keys();
        let owner = Owner { user_id: self.user_id, keys };
        let is_of_another_key = |factor: &&Authenticator| match (factor.kind, factor.source) {
            (FactorKind::Totp, FactorSource::DjRestAuth) => {
                authenticator::secret(&factor.data, owner).is_none()
            }
            (FactorKind::RecoveryCodes, FactorSource::DjRestAuth) => {
                hashed_codes::is_of_another_key(&factor.data, keys)
            }
            _ => false,
        };
        for factor in self.all.iter().filter(is_of_another_key) {
            tracing::warn!(
                user = self.user_id,
                factor = factor.kind.name(),
                "no key of this server reads a second factor: was `server.secret_key` or \
                 `mfa.encryption_key` replaced without a fallback?"
            );
        }
    }
}

impl Fitting<'_> {
    /// The use of the code, which answers a challenge. It is checked again when it is used.
    pub(crate) fn usage<'u>(
        &'u self,
        auth: &'u Auth,
        user_id: i64,
        code: &'u str,
        challenge: Option<SingleUse>,
    ) -> FactorUse<'u> {
        let factor = self.factor;
        FactorUse {
            user_id,
            source: factor.source,
            id: factor.id,
            check: Box::new(move |data| after_use(auth, user_id, factor, code, data)),
            challenge,
            mails: Vec::new(),
            now: auth.now(),
        }
    }
}

/// The data of a factor after the use of a code; none if it does not fit.
fn after_use(
    auth: &Auth,
    user_id: i64,
    factor: &Authenticator,
    code: &str,
    data: &Value,
) -> Option<Value> {
    let (owner, now) = (Owner { user_id, keys: auth.factor_keys() }, auth.now());
    match (factor.kind, factor.source) {
        (FactorKind::Totp, FactorSource::DjRestAuth) => {
            authenticator::use_code(data, code, shape(auth), owner, now).map(|used| used.data)
        }
        (FactorKind::Totp, FactorSource::Allauth) => {
            allauth::use_code(data, code, shape(auth), TOLERANCE, now)
        }
        (FactorKind::RecoveryCodes, FactorSource::DjRestAuth) => {
            hashed_codes::use_code(data, code, owner)
                .or_else(|| recovery_codes::use_code(data, code, count(auth)))
        }
        (FactorKind::RecoveryCodes, FactorSource::Allauth) => {
            allauth::use_recovery_code(data, code, allauth_shape(auth)?)
        }
        (FactorKind::Passkey, _) | (_, FactorSource::Passkeys) => None,
    }
}

/// How many recovery codes of a factor can still be used.
pub(crate) fn remaining(auth: &Auth, codes: &Authenticator) -> usize {
    hashed_codes::remaining(&codes.data).unwrap_or_else(|| readable(auth, codes).len())
}

fn readable(auth: &Auth, codes: &Authenticator) -> Vec<String> {
    match codes.source {
        FactorSource::DjRestAuth => recovery_codes::unused(&codes.data, count(auth)),
        FactorSource::Allauth => allauth_shape(auth)
            .map(|shape| allauth::unused_recovery_codes(&codes.data, shape))
            .unwrap_or_default(),
        FactorSource::Passkeys => Vec::new(),
    }
}

/// How the codes of apps look.
pub(crate) fn shape(auth: &Auth) -> TotpShape {
    let settings = &auth.settings().mfa;
    let period = u32::try_from(settings.totp_period.as_secs()).unwrap_or(u32::MAX);
    TotpShape::new(settings.totp_digits, period).unwrap_or_default()
}

fn count(auth: &Auth) -> u32 {
    auth.settings().mfa.recovery_code_count
}

fn allauth_shape(auth: &Auth) -> Option<RecoveryShape> {
    RecoveryShape::new(count(auth), auth.settings().mfa.recovery_code_digits)
}
