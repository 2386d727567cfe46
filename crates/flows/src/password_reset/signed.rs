//! The reset tokens of Django and allauth, which are signed and not stored.

use std::time::Duration;

use chrono::TimeDelta;
use rest_auth_domain::message::Message;
use rest_auth_domain::password_reset::{ResetSubject, ResetTokens, ResetVariant};
use rest_auth_store::{Address, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::links;
use crate::password_change::NewPasswords;

/// A token for a user as they are now.
pub(super) async fn token(auth: &Auth, user: &User) -> Result<String, AuthError> {
    let addresses = auth.store().addresses_of(user.id).await?;
    let addresses = texts(&addresses);
    Ok(tokens(auth).make(&subject(user, &addresses), auth.now()))
}

/// How links name a user.
pub(super) fn uid(auth: &Auth, user: &User) -> String {
    variant(auth).uid(user.id)
}

/// Whom a link names.
pub(super) async fn user_of(auth: &Auth, uid: &str) -> Result<Option<User>, AuthError> {
    match variant(auth).read_uid(uid) {
        Some(id) => Ok(auth.store().user_by_id(id).await?),
        None => Ok(None),
    }
}

/// Sets a new password for who holds a signed token.
pub(super) async fn confirm(
    auth: &Auth,
    context: &Context,
    uid: &str,
    token: &str,
    new: &NewPasswords,
) -> Result<(), AuthError> {
    let user = user_of(auth, uid).await?;
    let user = user.ok_or_else(|| AuthError::field("uid", Message::InvalidValue))?;
    confirm_for(auth, context, user, token, new).await
}

/// The same for a user who is found already.
pub(super) async fn confirm_for(
    auth: &Auth,
    context: &Context,
    user: User,
    token: &str,
    new: &NewPasswords,
) -> Result<(), AuthError> {
    let wrong = || AuthError::field("token", Message::InvalidValue);
    if !is_good(auth, &user, token).await? {
        return Err(wrong());
    }
    // The token is bound to the hash, so that of two requests with one link the second finds it
    // changed: the conditional update decides which is the first.
    let done = super::set_password(auth, context, &user, None, new).await?;
    if done { Ok(()) } else { Err(wrong()) }
}

/// A link to choose a password that works until it is used or `life` is over, for an account that
/// was just made with these addresses.
pub(crate) fn link_for(
    auth: &Auth,
    context: &Context,
    user: &User,
    addresses: &[&str],
    life: Duration,
) -> String {
    let tokens = tokens(auth);
    // A token works for `auth.password_reset_timeout` after its stamp, and before: one that is to
    // work longer is stamped with a later time, which Django accepts, too.
    let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
    let shift = TimeDelta::try_seconds(life.saturating_sub(tokens.timeout)).unwrap_or_default();
    let stamp = auth.now().checked_add_signed(shift).unwrap_or_else(|| auth.now());
    let token = tokens.make(&subject(user, addresses), stamp);
    links::password_reset(auth, &context.links, &variant(auth).uid(user.id), &token)
}

fn variant(auth: &Auth) -> ResetVariant {
    // The registration app needs allauth, whose tokens know of all addresses.
    if auth.settings().apps.registration { ResetVariant::Allauth } else { ResetVariant::Django }
}

fn tokens(auth: &Auth) -> ResetTokens<'_> {
    let settings = auth.settings();
    ResetTokens {
        keys: auth.keys(),
        variant: variant(auth),
        local: settings.i18n.time_zone,
        timeout: i64::try_from(settings.auth.password_reset_timeout.as_secs()).unwrap_or(i64::MAX),
    }
}

async fn is_good(auth: &Auth, user: &User, token: &str) -> Result<bool, AuthError> {
    let addresses = auth.store().addresses_of(user.id).await?;
    let addresses = texts(&addresses);
    Ok(tokens(auth).check(&subject(user, &addresses), token, auth.now()).is_ok())
}

fn texts(addresses: &[Address]) -> Vec<&str> {
    addresses.iter().map(|address| address.email.as_str()).collect()
}

fn subject<'a>(user: &'a User, addresses: &'a [&'a str]) -> ResetSubject<'a> {
    ResetSubject {
        pk: user.id,
        password: user.password.as_str(),
        last_login: user.last_login,
        email: &user.email,
        addresses,
    }
}
