//! Forgotten passwords: a link by mail, and a new password for who holds it.

use std::time::Duration;

use chrono::TimeDelta;
use rest_auth_domain::email;
use rest_auth_domain::message::Message;
use rest_auth_domain::password::Password;
use rest_auth_domain::password_reset::{ResetSubject, ResetTokens, ResetVariant};
use rest_auth_mail::{Letter, LetterKind};
use rest_auth_store::{MatchedBy, NewMail, StoredPassword, User};

use crate::auth::Auth;
use crate::client::Client;
use crate::credentials::{self, Kept};
use crate::error::AuthError;
use crate::hashing::{Account, Cause, Lane};
use crate::limits::{self, Action, Who};
use crate::links::{self, LinkBase};
use crate::lookup;
use crate::notices::{self, Occasion};
use crate::outbox;
use crate::password_change;
use crate::settings::account::LoginMethod;

/// What the confirmation form said. It does not print.
pub struct Confirmation {
    /// The user's id as in the link.
    pub uid: String,
    /// The token as in the link.
    pub token: String,
    /// The new password.
    pub new_password1: String,
    /// The new password again.
    pub new_password2: String,
}

/// Mails a link to every active user of an address. The caller learns nothing of whether there
/// is one.
///
/// # Errors
/// [`AuthError::Throttled`] after too many attempts, and whatever the database says.
pub async fn request(
    auth: &Auth,
    address: &str,
    client: &Client,
    base: &LinkBase,
    language: &str,
) -> Result<(), AuthError> {
    let wanted = email::canonical(address);
    let who = Who::at(client).key(wanted.as_str());
    limits::spend(auth, Action::ResetPassword, &who).await?;
    let base = &base.for_reset(auth).await?;
    let matches = lookup::everybody_of(auth, address).await?;
    let mut letters = Vec::new();
    let mut seen = Vec::new();
    for found in matches {
        if !found.user.is_active || seen.contains(&found.user.id) {
            continue;
        }
        seen.push(found.user.id);
        let stored = stored_address(auth, &found.user, found.via, address).await?;
        // A collation that takes look-alike letters for the same must not send a link elsewhere.
        if let Some(to) = stored.filter(|stored| email::canonical(stored) == wanted) {
            let letter = letter(auth, &found.user, to, base, language).await?;
            letters.push(outbox::row(auth, &letter));
        }
    }
    if letters.is_empty() {
        pretend(auth, address, base, language).await?;
    } else {
        auth.store().enqueue(&letters).await?;
    }
    auth.bell().ring();
    Ok(())
}

/// Does for an address of nobody what is done for that of one user, and takes the letter back: the
/// time that an answer takes would tell who is registered.
async fn pretend(
    auth: &Auth,
    address: &str,
    base: &LinkBase,
    language: &str,
) -> Result<(), AuthError> {
    let nobody = User {
        // No user has this id.
        id: 0,
        username: address.to_owned(),
        email: address.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        password: StoredPassword::new(""),
        is_active: false,
        is_staff: false,
        is_superuser: false,
        last_login: None,
        date_joined: auth.now(),
        epoch: 0,
    };
    stored_address(auth, &nobody, MatchedBy::VerifiedAddress, address).await?;
    let letter = letter(auth, &nobody, address.to_owned(), base, language).await?;
    // The column takes no more, and the letter goes nowhere.
    let row = NewMail { to_address: String::new(), ..outbox::row(auth, &letter) };
    Ok(auth.store().rehearse_enqueue(&[row]).await?)
}

/// Sets a new password for who holds a link.
///
/// # Errors
/// [`AuthError::Invalid`]: of `uid`, then of `token`, then of the passwords. A password that is
/// refused does not use the link up. [`AuthError::Throttled`] after too many attempts.
pub async fn confirm(
    auth: &Auth,
    confirmation: Confirmation,
    client: &Client,
    language: &str,
) -> Result<(), AuthError> {
    limits::spend(auth, Action::ResetPasswordFromKey, &Who::at(client)).await?;
    let variant = variant(auth);
    let user = match variant.read_uid(&confirmation.uid) {
        Some(id) => auth.store().user_by_id(id).await?,
        None => None,
    };
    let user = user.ok_or_else(|| AuthError::field("uid", Message::InvalidValue))?;
    let token = confirmation.token.as_str();
    if !is_good(auth, &user, token).await? {
        return Err(AuthError::field("token", Message::InvalidValue));
    }
    let new = confirmation.new_password1;
    password_change::new_password(auth, &user, &new, &confirmation.new_password2)?;
    let cause = Cause { address: client.address, account: Some(Account::Id(user.id)) };
    let encoded = auth.hashing().encode(Lane::Change, cause, Password::new(new)).await?;
    // The token is bound to the hash, so that of two requests with one link the second finds it
    // changed: the conditional update decides which is the first.
    let old = user.password.as_str();
    let epoch = credentials::epoch_on_password_change(auth);
    let change = (old, encoded.as_str());
    let letters = notices::password_changed(auth, &user, Occasion { client, language });
    if !auth.store().replace_password_with_mail(user.id, change, epoch, &letters).await? {
        return Err(AuthError::field("token", Message::InvalidValue));
    }
    auth.bell().ring();
    credentials::revoke_on_password_change(auth, &user, Kept::default()).await?;
    tracing::info!(event = "password_reset", user = user.id, address = ?client.address);
    Ok(())
}

/// A link to choose a password that works until it is used or `life` is over, for an account that
/// was just made with these addresses.
pub(crate) fn link_for(
    auth: &Auth,
    user: &User,
    addresses: &[&str],
    (base, life): (&LinkBase, Duration),
) -> String {
    let tokens = reset_tokens(auth);
    // A token works for `auth.password_reset_timeout` after its stamp, and before: one that is to
    // work longer is stamped with a later time, which Django accepts, too.
    let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
    let shift = TimeDelta::try_seconds(life.saturating_sub(tokens.timeout)).unwrap_or_default();
    let stamp = auth.now().checked_add_signed(shift).unwrap_or_else(|| auth.now());
    let token = tokens.make(&subject(user, addresses), stamp);
    links::password_reset(auth, base, &variant(auth).uid(user.id), &token)
}

fn variant(auth: &Auth) -> ResetVariant {
    // The registration app needs allauth, whose tokens know of all addresses.
    if auth.settings().apps.registration { ResetVariant::Allauth } else { ResetVariant::Django }
}

fn reset_tokens(auth: &Auth) -> ResetTokens<'_> {
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
    let addresses: Vec<&str> = addresses.iter().map(|a| a.email.as_str()).collect();
    Ok(reset_tokens(auth).check(&subject(user, &addresses), token, auth.now()).is_ok())
}

async fn letter(
    auth: &Auth,
    user: &User,
    to: String,
    base: &LinkBase,
    language: &str,
) -> Result<Letter, AuthError> {
    let addresses = auth.store().addresses_of(user.id).await?;
    let addresses: Vec<&str> = addresses.iter().map(|a| a.email.as_str()).collect();
    let token = reset_tokens(auth).make(&subject(user, &addresses), auth.now());
    let uid = variant(auth).uid(user.id);
    let password_reset_url = links::password_reset(auth, base, &uid, &token);
    let letter = Letter::new(LetterKind::PasswordReset, to.as_str(), language)
        .with("user", links::display_name(auth, user))
        .with("email", to)
        .with("uid", uid)
        .with("token", token)
        .with("password_reset_url", password_reset_url);
    // Where people log in by address, the name is nothing they know.
    if auth.settings().account.login_methods.contains(&LoginMethod::Username) {
        return Ok(letter.with("username", user.username.as_str()));
    }
    Ok(letter)
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

/// The address as the database has it: mail never goes to what a stranger typed.
async fn stored_address(
    auth: &Auth,
    user: &User,
    via: MatchedBy,
    typed: &str,
) -> Result<Option<String>, AuthError> {
    if via == MatchedBy::UserEmail {
        return Ok(Some(user.email.to_lowercase()));
    }
    let wanted = typed.to_lowercase();
    let addresses = auth.store().addresses_of(user.id).await?;
    Ok(addresses.into_iter().map(|a| a.email.to_lowercase()).find(|stored| *stored == wanted))
}
