//! Trust as allauth keeps it: in a signed cookie, which a Django beside this server reads and writes.
//!
//! There it hangs on the password and on allauth's factors. Of factors that allauth does not know the
//! cookie has a second trust, which Django takes for that of another user and keeps.

use rest_auth_domain::encoding::hex;
use rest_auth_domain::mfa::allauth::{
    Trust, TrustedFactor, is_trusted as is_among, read_trust_cookie, trust_cookie,
    trust_fingerprint,
};
use rest_auth_domain::signing::salted_hmac;
use rest_auth_store::{Authenticator, FactorSource, Factors};
use serde_json::{Value, json};

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
    let at = auth.now().timestamp();
    let new = fingerprints(auth, proven).await?.into_iter();
    trusts.extend(new.map(|fingerprint| Trust { fingerprint, at }));
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
    Ok(fingerprints(auth, proven).await?.iter().all(|own| is_among(&trusts, own)))
}

fn trusts(auth: &Auth, context: &Context) -> Vec<Trust> {
    let age = auth.settings().mfa.trust_cookie_age.as_secs();
    let age = i64::try_from(age).unwrap_or(i64::MAX);
    let cookie = context.browser.as_deref().unwrap_or_default();
    read_trust_cookie(cookie, age, auth.keys(), auth.now())
}

/// What a trust hangs on: that of allauth, and one of ours if the user has factors that allauth does
/// not know.
async fn fingerprints(auth: &Auth, proven: &Proven) -> Result<Vec<String>, AuthError> {
    let (user_id, password) = (proven.user().id, proven.password().as_str());
    let mut all = auth.store().authenticators_of(user_id, Factors::ALL).await?;
    all.sort_by_key(|factor| (factor.source, factor.id));
    let (theirs, own): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|factor| factor.source == FactorSource::Allauth);
    let factors: Vec<_> = theirs
        .iter()
        .map(|factor| TrustedFactor { pk: factor.id, kind: factor.kind.name(), data: &factor.data })
        .collect();
    let mut fingerprints = vec![trust_fingerprint(user_id, password, &factors, auth.keys())];
    if !own.is_empty() {
        let factors: Vec<_> = own.iter().map(mark).collect();
        let value = json!([user_id, password, factors]).to_string();
        let mac = salted_hmac("rest_auth.mfa.trust", value.as_bytes(), auth.keys().current());
        fingerprints.push(hex(&mac));
    }
    Ok(fingerprints)
}

/// What of a factor changes when it is set up anew, and not when it is used.
fn mark(factor: &Authenticator) -> Value {
    let secret = factor.data.get("secret").or_else(|| factor.data.get("seed"));
    json!([factor.source == FactorSource::Passkeys, factor.id, factor.kind.name(), secret])
}
