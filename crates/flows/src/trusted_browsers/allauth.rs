//! Trust as allauth keeps it: in a signed cookie, which a Django beside this server reads and writes.
//!
//! What it hangs on are the password and allauth's factors, so that other changes do not end it.

use rest_auth_domain::mfa::allauth::{
    Trust, TrustedFactor, is_trusted as is_among, read_trust_cookie, trust_cookie,
    trust_fingerprint,
};
use rest_auth_store::{FactorSource, Factors};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::login::proven::Proven;

/// The value of the cookie with one trust more.
///
/// # Errors
/// Errors of the database.
pub(super) async fn trust(
    auth: &Auth,
    context: &Context,
    proven: &Proven,
) -> Result<String, AuthError> {
    let mut trusts = trusts(auth, context);
    let fingerprint = fingerprint(auth, proven).await?;
    trusts.push(Trust { fingerprint, at: auth.now().timestamp() });
    Ok(trust_cookie(&trusts, auth.keys()))
}

/// Whether the cookie of a request has the trust of a user.
///
/// # Errors
/// Errors of the database.
pub(super) async fn is_trusted(
    auth: &Auth,
    context: &Context,
    proven: &Proven,
) -> Result<bool, AuthError> {
    let trusts = trusts(auth, context);
    if trusts.is_empty() {
        return Ok(false);
    }
    Ok(is_among(&trusts, &fingerprint(auth, proven).await?))
}

fn trusts(auth: &Auth, context: &Context) -> Vec<Trust> {
    let age = auth.settings().mfa.trust_cookie_age.as_secs();
    let age = i64::try_from(age).unwrap_or(i64::MAX);
    let cookie = context.browser.as_deref().unwrap_or_default();
    read_trust_cookie(cookie, age, auth.keys(), auth.now())
}

async fn fingerprint(auth: &Auth, proven: &Proven) -> Result<String, AuthError> {
    let user_id = proven.user().id;
    let mut factors = auth.store().authenticators_of(user_id, Factors::ALL).await?;
    factors.retain(|factor| factor.source == FactorSource::Allauth);
    factors.sort_by_key(|factor| factor.id);
    let factors: Vec<_> = factors
        .iter()
        .map(|factor| TrustedFactor { pk: factor.id, kind: factor.kind.name(), data: &factor.data })
        .collect();
    Ok(trust_fingerprint(user_id, proven.password().as_str(), &factors, auth.keys()))
}
