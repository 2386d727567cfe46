//! Links that reset a password: the uid in them, and the tokens of Django and allauth, which are
//! signed and not stored.

use std::time::Duration;

use chrono::TimeDelta;
use rest_auth_domain::password::EncodedPassword;
use rest_auth_domain::password_reset::{ResetSubject, ResetTokens, ResetVariant};
use rest_auth_store::{Address, CreatedUser, User, UserWithPassword};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::links;
use crate::lookup::NOBODY;

/// A token for a user as they are now.
pub(crate) async fn token(auth: &Auth, of: &UserWithPassword) -> Result<String, AuthError> {
    let addresses = auth.store().addresses_of(of.user.id).await?;
    let addresses = texts(&addresses);
    Ok(tokens(auth).make(&subject(&of.user, &of.password, &addresses), auth.now()))
}

/// How links name a user.
pub(crate) fn uid(auth: &Auth, user: &User) -> String {
    variant(auth).uid(user.id)
}

/// The user that a link names.
pub(crate) async fn user_of(auth: &Auth, uid: &str) -> Result<Option<UserWithPassword>, AuthError> {
    // A uid that cannot be read costs the same query.
    let id = variant(auth).read_uid(uid).unwrap_or(NOBODY);
    Ok(auth.store().user_with_password(id).await?)
}

/// A link to choose a password that works until it is used or `life` is over, for an account that
/// was just made.
pub(crate) fn link_for(
    auth: &Auth,
    context: &Context,
    created: &CreatedUser,
    life: Duration,
) -> String {
    let tokens = tokens(auth);
    // A token works for `auth.password_reset_timeout` after its stamp, and before: one that is to
    // work longer is stamped with a later time, which Django accepts, too.
    let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
    let shift = TimeDelta::try_seconds(life.saturating_sub(tokens.timeout)).unwrap_or_default();
    let stamp = auth.now().checked_add_signed(shift).unwrap_or_else(|| auth.now());
    let CreatedUser { user, password, addresses, .. } = created;
    let token = tokens.make(&subject(user, password, &texts(addresses)), stamp);
    links::password_reset(auth.settings(), &context.links, &variant(auth).uid(user.id), &token)
}

fn variant(auth: &Auth) -> ResetVariant {
    // Where allauth is installed its tokens are used, which know of all addresses, whether
    // registration is offered or not.
    if auth.settings().apps.has_allauth() { ResetVariant::Allauth } else { ResetVariant::Django }
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

/// Whether a signed token is good for a user as they are now.
pub(crate) async fn is_good(
    auth: &Auth,
    of: &UserWithPassword,
    token: &str,
) -> Result<bool, AuthError> {
    let addresses = auth.store().addresses_of(of.user.id).await?;
    let addresses = texts(&addresses);
    let subject = subject(&of.user, &of.password, &addresses);
    Ok(tokens(auth).check(&subject, token, auth.now()).is_ok())
}

fn texts(addresses: &[Address]) -> Vec<&str> {
    addresses.iter().map(|address| address.email.as_str()).collect()
}

fn subject<'a>(
    user: &'a User,
    password: &'a EncodedPassword,
    addresses: &'a [&'a str],
) -> ResetSubject<'a> {
    ResetSubject {
        pk: user.id,
        password: password.as_str(),
        last_login: user.last_login,
        email: &user.email,
        addresses,
    }
}
