//! What a user can prove, and until when the last proof is good.

use chrono::{DateTime, Utc};
use rest_auth_domain::clock::after;
use rest_auth_store::User;

use super::credential;
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::evidence::{Evidence, Record};
use crate::login::factor::Method;
use crate::login::second_factor;

/// How a user stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the user can prove: of those who have nothing of their own, another login at their
    /// provider.
    pub methods: Vec<Method>,
    /// Until when the last proof is good; none if there is none.
    pub until: Option<DateTime<Utc>>,
}

/// How a user stands, with the credential of a request.
///
/// # Errors
/// Errors of the database.
pub async fn standing(auth: &Auth, context: &Context, user: &User) -> Result<Standing, AuthError> {
    let evidence = credential::evidence(auth, context, user).await?;
    let methods = of(auth, user).await?;
    let until = good_until(auth, &evidence, &methods).filter(|&until| until > auth.now());
    Ok(Standing { methods, until })
}

/// What a user can prove.
///
/// # Errors
/// [`AuthError::NotFound`] if the user was deleted meanwhile, and errors of the database.
pub(super) async fn of(auth: &Auth, user: &User) -> Result<Vec<Method>, AuthError> {
    let stored = auth.store().user_with_password(user.id).await?.ok_or(AuthError::NotFound)?;
    let mut methods = Vec::new();
    if stored.password.is_usable() {
        methods.push(Method::Password);
    }
    let factors = second_factor::of(auth, user.id).await?;
    if factors.is_on() {
        methods.extend(factors.methods(auth));
    }
    if auth.settings().apps.passkeys && !auth.store().passkeys_of(user.id).await?.is_empty() {
        methods.push(Method::Passkey);
    }
    if methods.is_empty() {
        methods.push(Method::Provider);
    }
    Ok(methods)
}

/// Until when the newest proof is good that counts.
pub(super) fn good_until(
    auth: &Auth,
    evidence: &Evidence,
    methods: &[Method],
) -> Option<DateTime<Utc>> {
    let settings = &auth.settings().account;
    let counts = |record: &Record| {
        let is_own = !matches!(record.factor.method, Method::Provider | Method::MailedCode);
        record.again
            || (settings.login_counts_as_reauthentication
                && (is_own || methods == [Method::Provider]))
    };
    evidence.newest(counts).map(|at| after(at, settings.reauthentication_timeout))
}
