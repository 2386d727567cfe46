//! The evidence of credentials that have no row of ours: the token of Django REST framework's that all
//! devices share, and JWTs without a family. It is kept beside them by their digest, as long as a proof
//! is good.

use rest_auth_domain::clock::after;
use rest_auth_store::{Reauthentication, User};

use super::Evidence;
use crate::auth::Auth;
use crate::error::AuthError;
use crate::login::factor::Factor;

/// What was proven with the credential of a digest since the credentials of its user last ended.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn read(auth: &Auth, user: &User, digest: &str) -> Result<Evidence, AuthError> {
    let found = auth.store().reauthentication(digest, user.id, auth.now()).await?;
    let found = found.filter(|found| found.epoch == user.epoch);
    Ok(Evidence::read(found.map(|found| found.evidence).as_deref()))
}

/// Keeps what was proven with the credential of a digest.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn write(
    auth: &Auth,
    user: &User,
    digest: &str,
    evidence: &Evidence,
) -> Result<(), AuthError> {
    let kept = Reauthentication {
        credential: digest.to_owned(),
        user_id: user.id,
        epoch: user.epoch,
        evidence: evidence.written().unwrap_or_default(),
        expires_at: after(auth.now(), auth.settings().account.reauthentication_timeout),
    };
    Ok(auth.store().set_reauthentication(&kept).await?)
}

/// Adds what a login proved that handed the credential out, where a login counts as a proof.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn note_login(
    auth: &Auth,
    user: &User,
    digest: &str,
    factors: &[Factor],
) -> Result<(), AuthError> {
    let settings = &auth.settings().account;
    if !settings.reauthentication_required || !settings.login_counts_as_reauthentication {
        return Ok(());
    }
    let evidence = read(auth, user, digest).await?.with_login(factors);
    write(auth, user, digest, &evidence).await
}
