//! Browsers that are not asked for the second factor (`mfa.trust_enabled`): whoever completed a login
//! with one may let the browser be trusted.
//!
//! A browser is known by a random text in a cookie, of which the database keeps a digest. The trust
//! ends with the password, and with whatever else ends the user's credentials. With
//! `mfa.trust_storage = "allauth"` the cookie is that of `allauth`.

mod allauth;

use chrono::{DateTime, Utc};
use rest_auth_domain::clock::after;
use rest_auth_domain::opaque_token::{OpaqueToken, digest_of};
use rest_auth_domain::password::EncodedPassword;
use rest_auth_store::{NewTrustedBrowser, TrustedBrowser, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::login::proven::Proven;
use crate::settings::mfa::TrustStorage;

/// The text for the cookie of a browser. It has no `Debug`, because it is a secret.
pub struct BrowserToken(String);

impl BrowserToken {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for BrowserToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BrowserToken(..)")
    }
}

/// A browser that a user trusts.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The primary key.
    pub id: i64,
    /// When it was trusted.
    pub created_at: DateTime<Utc>,
    /// When it last spared its user the second factor.
    pub last_seen_at: DateTime<Utc>,
    /// The address that it had then.
    pub ip: String,
    /// What it called itself.
    pub user_agent: String,
    /// Whether the request comes from it.
    pub is_current: bool,
}

/// Trusts the browser of a login that is about to be completed.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn trust(
    auth: &Auth,
    context: &Context,
    proven: &Proven,
) -> Result<BrowserToken, AuthError> {
    let (user, now) = (proven.user(), auth.now());
    events::record(auth, &context.client, Event::BrowserTrusted { user: user.id });
    if auth.settings().mfa.trust_storage == TrustStorage::Allauth {
        return Ok(BrowserToken(allauth::trust(auth, context, proven).await?));
    }
    let token = OpaqueToken::generate(auth.random());
    let new = NewTrustedBrowser {
        digest: digest_of(token.as_str()),
        user_id: user.id,
        epoch: user.epoch,
        password: mark(proven.password()),
        created_at: now,
        expires_at: after(now, auth.settings().mfa.trust_cookie_age),
        client: (&context.client).into(),
    };
    auth.store().trust_browser(&new).await?;
    Ok(BrowserToken(token.as_str().to_owned()))
}

/// Whether the browser of a request is one that the user trusts.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn is_trusted(
    auth: &Auth,
    context: &Context,
    proven: &Proven,
) -> Result<bool, AuthError> {
    let Some(token) = context.browser.as_deref().filter(|_| auth.settings().mfa.trust_enabled)
    else {
        return Ok(false);
    };
    if auth.settings().mfa.trust_storage == TrustStorage::Allauth {
        return allauth::is_trusted(auth, context, proven).await;
    }
    let (user, now) = (proven.user(), auth.now());
    let found = auth.store().trusted_browser(&digest_of(token), user.id, now).await?;
    let Some(browser) = found.filter(|browser| is_alive(browser, user)) else { return Ok(false) };
    if browser.password != mark(proven.password()) {
        return Ok(false);
    }
    auth.store().touch_trusted_browser(browser.id, now).await?;
    Ok(true)
}

/// The browsers that a user trusts, oldest first.
///
/// # Errors
/// Errors of the database.
pub async fn list(auth: &Auth, context: &Context, user: &User) -> Result<Vec<Listed>, AuthError> {
    let stored = auth.store().user_with_password(user.id).await?.ok_or(AuthError::NotFound)?;
    let mark = mark(&stored.password);
    let own = context.browser.as_deref().map(digest_of);
    let all = auth.store().trusted_browsers_of(user.id, auth.now()).await?;
    let alive =
        all.into_iter().filter(|browser| is_alive(browser, user) && browser.password == mark);
    let listed = alive.map(|browser| Listed {
        id: browser.id,
        created_at: browser.created_at,
        last_seen_at: browser.last_seen_at,
        ip: browser.client.ip,
        user_agent: browser.client.user_agent,
        is_current: own.as_deref() == Some(&*browser.digest),
    });
    Ok(listed.collect())
}

/// Forgets one browser of a user.
///
/// # Errors
/// [`AuthError::NotFound`] if the user trusts no such browser.
pub async fn forget(auth: &Auth, user: &User, id: i64) -> Result<(), AuthError> {
    let is_forgotten = auth.store().forget_trusted_browser(user.id, id).await?;
    if is_forgotten { Ok(()) } else { Err(AuthError::NotFound) }
}

/// Forgets all browsers of a user.
///
/// # Errors
/// Errors of the database.
pub async fn forget_all(auth: &Auth, user: &User) -> Result<(), AuthError> {
    auth.store().forget_trusted_browsers_of(user.id).await?;
    Ok(())
}

fn is_alive(browser: &TrustedBrowser, user: &User) -> bool {
    browser.epoch == user.epoch
}

/// The hash is salted, so that its digest tells nothing.
fn mark(password: &EncodedPassword) -> String {
    digest_of(password.as_str())
}
