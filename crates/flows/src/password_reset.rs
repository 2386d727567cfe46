//! Password reset: mails a link or a code, and accepts a new password with it.
//!
//! [`request`] mails one to the users of an address, which `owners` finds, and [`confirm`] accepts
//! it.

mod owners;

use rest_auth_domain::email;
use rest_auth_domain::message::Message;
use rest_auth_domain::password::Password;
use rest_auth_domain::password_reset::new_token;
use rest_auth_mail::{MailContent, MailKind};
use rest_auth_store::{MailedSecret, NewPassword, Outgoing, Renewal, User, UserWithPassword};

use crate::auth::Auth;
use crate::context::Context;
use crate::credentials;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::hashing::{Account, Priority, Requester};
use crate::limits::{self, Action, LimitKey};
use crate::links::{self, LinkBase};
use crate::login::guesses;
use crate::mailed_secret::{self, Recipient, SecretKind, ShownSecret};
use crate::password_change::{self, NewPasswords};
use crate::settings::account::LoginMethod;
use crate::settings::rest_auth::ResetTokenKind;
use crate::{email_verification, known_clients, lookup, notices, outbox, reset_link};

/// The input of the confirmation form. It has no `Debug`, because it holds secrets.
pub struct ResetConfirmation {
    /// The contents of the mail.
    pub shown: ResetProof,
    /// The new password.
    pub new: NewPasswords,
}

/// The proof that the mail was received. It has no `Debug`, because it holds secrets.
pub enum ResetProof {
    /// A link.
    Link {
        /// The user's id as in the link.
        uid: String,
        /// The token as in the link.
        token: String,
    },
    /// A code that was typed, where `account.password_reset_by_code_enabled` is on.
    Code {
        /// The address that it was mailed to.
        email: String,
        /// The code.
        code: String,
    },
}

/// Mails a link or a code to every active user of an address. The caller does not learn whether
/// there is one.
///
/// # Errors
/// [`AuthError::Throttled`] after too many attempts, and errors of the database.
pub async fn request(auth: &Auth, context: &Context, address: &str) -> Result<(), AuthError> {
    let key = LimitKey::at(&context.client).key(email::canonical(address));
    limits::consume(auth, Action::ResetPassword, &key).await?;
    let base = &context.links.for_reset(auth).await?;
    let recipients = owners::to_mail(auth, address).await?;
    if recipients.is_empty() {
        // Enqueue a decoy, so that the response time does not reveal whether the address is
        // registered.
        let mails = mails(auth, context, base, &[Recipient::nobody(auth)]).await?;
        outbox::enqueue_decoys(auth, &mails).await
    } else {
        let mails = mails(auth, context, base, &recipients).await?;
        outbox::enqueue(auth, &mails).await
    }
}

/// Sets a new password with a link or a code.
///
/// # Errors
/// [`AuthError::Invalid`]: of `uid` or `token`, then of the passwords; with a code of the passwords
/// first, as far as they can be checked without the user, then of `code`. A password that is
/// refused does not use the link or the code up. [`AuthError::Throttled`] after too many attempts.
pub async fn confirm(
    auth: &Auth,
    context: &Context,
    confirmation: ResetConfirmation,
) -> Result<(), AuthError> {
    limits::consume(auth, Action::ResetPasswordFromKey, &LimitKey::at(&context.client)).await?;
    let ResetConfirmation { shown, new } = confirmation;
    match shown {
        ResetProof::Code { email, code } => by_code(auth, context, &email, &code, &new).await,
        ResetProof::Link { uid, token }
            if auth.settings().rest_auth.password_reset_tokens == ResetTokenKind::Django =>
        {
            by_signed_link(auth, context, &uid, &token, &new).await
        }
        ResetProof::Link { uid, token } => by_link(auth, context, &uid, &token, &new).await,
    }
}

/// Whether [`confirm`] would take a link as things are now. It is not used up.
///
/// # Errors
/// Errors of the database.
pub async fn is_open(auth: &Auth, uid: &str, token: &str) -> Result<bool, AuthError> {
    if auth.settings().rest_auth.password_reset_tokens == ResetTokenKind::Django {
        let Some(user) = reset_link::user_of(auth, uid).await? else { return Ok(false) };
        return reset_link::is_good(auth, &user, token).await;
    }
    match link(auth, uid, token).await? {
        Link::Stored(shown) => still_reaches(auth, &shown.recipient).await,
        Link::Signed(user) => reset_link::is_good(auth, &user, token).await,
    }
}

/// What a link of ours can be.
enum Link {
    /// One whose digest is stored.
    Stored(Box<ShownSecret<UserWithPassword>>),
    /// One of an invitation, which is signed, for this user; or none at all.
    Signed(Box<UserWithPassword>),
}

async fn link(auth: &Auth, uid: &str, token: &str) -> Result<Link, AuthError> {
    let user = reset_link::user_of(auth, uid).await?.filter(|found| found.user.is_active);
    let shown = mailed_secret::find_link(auth, SecretKind::ResetLink, user.clone(), token).await?;
    if let Some(shown) = shown {
        return Ok(Link::Stored(Box::new(shown)));
    }
    // Nobody's link is checked like a user's, so that the response time does not reveal who exists.
    let user = user.unwrap_or_else(|| Recipient::nobody(auth).user);
    Ok(Link::Signed(Box::new(user)))
}

/// Whether the address that a link was mailed to is still one of its user. The digest covers the
/// address of the account; the other may have been removed meanwhile, or another user has verified it.
async fn still_reaches(
    auth: &Auth,
    recipient: &Recipient<UserWithPassword>,
) -> Result<bool, AuthError> {
    let Recipient { user: owner, to } = recipient;
    let reachable = lookup::reachable_at::<User>(auth, &to.email).await?;
    Ok(reachable.iter().any(|found| found.user.id == owner.user.id)
        && owners::address_of(auth, &owner.user, &to.email).await?.is_some())
}

async fn by_link(
    auth: &Auth,
    context: &Context,
    uid: &str,
    token: &str,
    new: &NewPasswords,
) -> Result<(), AuthError> {
    let shown = match link(auth, uid, token).await? {
        Link::Stored(shown) => shown,
        Link::Signed(user) => return by_signed_token(auth, context, *user, token, new).await,
    };
    let done = still_reaches(auth, &shown.recipient).await?
        && set_password_of(auth, context, &shown, new).await?;
    if done { Ok(()) } else { Err(AuthError::field("token", Message::InvalidValue)) }
}

/// A link of Django's or allauth's.
async fn by_signed_link(
    auth: &Auth,
    context: &Context,
    uid: &str,
    token: &str,
    new: &NewPasswords,
) -> Result<(), AuthError> {
    let user = reset_link::user_of(auth, uid).await?;
    let user = user.ok_or_else(|| AuthError::field("uid", Message::InvalidValue))?;
    by_signed_token(auth, context, user, token, new).await
}

async fn by_signed_token(
    auth: &Auth,
    context: &Context,
    user: UserWithPassword,
    token: &str,
    new: &NewPasswords,
) -> Result<(), AuthError> {
    let wrong = || AuthError::field("token", Message::InvalidValue);
    if !reset_link::is_good(auth, &user, token).await? {
        return Err(wrong());
    }
    // The token is bound to the hash, so that of two requests with one link the second finds it
    // changed: the conditional update decides which is the first.
    let done = set_password(auth, context, &user, None, new).await?;
    if done { Ok(()) } else { Err(wrong()) }
}

async fn by_code(
    auth: &Auth,
    context: &Context,
    email: &str,
    code: &str,
    new: &NewPasswords,
) -> Result<(), AuthError> {
    let wrong = || AuthError::field("code", Message::InvalidCode);
    // Before the code is compared, so that a password that is not valid for any user costs no
    // attempt.
    password_change::new_password(auth, None, new)?;
    let recipients = owners::all(auth, email).await?;
    let shown = mailed_secret::try_code(auth, SecretKind::ResetCode, recipients, code).await?;
    let Some(shown) = shown else { return Err(wrong()) };
    match set_password_of(auth, context, &shown, new).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(wrong()),
        Err(problem) => {
            // The code was right, so other errors must not use it up.
            if let Err(error) = auth.store().return_attempt(shown.secret.id).await {
                tracing::warn!(%error, "an attempt at a code cannot be given back");
            }
            Err(problem)
        }
    }
}

/// Sets a password with a mailed secret, and verifies the address that the secret proves.
async fn set_password_of(
    auth: &Auth,
    context: &Context,
    shown: &ShownSecret<UserWithPassword>,
    new: &NewPasswords,
) -> Result<bool, AuthError> {
    let ShownSecret { recipient, .. } = shown;
    let done = set_password(auth, context, &recipient.user, Some(shown), new).await?;
    if done && auth.settings().rest_auth.password_reset_verifies_email {
        let Recipient { user: owner, to } = recipient;
        let mut to = to.clone();
        if to.address_id.is_none() && auth.settings().apps.has_allauth() {
            to.address_id = Some(email_verification::record_own(auth, &owner.user).await?);
        }
        email_verification::verify_by_reset(auth, context, &owner.user, &to).await?;
    }
    Ok(done)
}

/// Sets a password and uses up the secret that permits it, if the secret is stored; a signed one
/// ends with the password. `false`: another request used the same secret first.
async fn set_password(
    auth: &Auth,
    context: &Context,
    found: &UserWithPassword,
    shown: Option<&ShownSecret<UserWithPassword>>,
    new: &NewPasswords,
) -> Result<bool, AuthError> {
    let UserWithPassword { user, password: old, .. } = found;
    password_change::new_password(auth, Some(user), new)?;
    let client = &context.client;
    let requester = Requester { address: client.address, account: Some(Account::Id(user.id)) };
    let chosen = Password::new(new.first.clone());
    let encoded = auth.hashing().encode(Priority::Change, requester, chosen).await?;
    let epoch = credentials::epoch_on_password_change(auth);
    let password = NewPassword {
        user_id: user.id,
        old: Some(old),
        new: &encoded,
        renewal: &Renewal { epoch, ..Renewal::none(auth.now()) },
        outgoing: &notices::password_changed(auth, context, user).into(),
    };
    let store = auth.store();
    // Where nobody has verified an address of the account, whoever registered it may not be who gets
    // its mail. The first who proves that they do gets the account, without the ways in that were
    // prepared.
    let reclaims = auth.settings().account.reset_reclaims_account;
    let done = match shown {
        Some(ShownSecret { recipient, secret }) => {
            let email = reclaims.then(|| recipient.to.email.to_lowercase());
            store.change_password_once(secret, password, email.as_deref(), auth.now()).await?
        }
        None => store.change_password(password).await?,
    };
    if !done {
        return Ok(false);
    }
    outbox::wake(auth);
    // The mailbox is proven: whoever guesses elsewhere must not keep its owner out.
    guesses::reset(auth, client, user).await?;
    known_clients::remember(auth, user.id, client).await?;
    events::record(auth, client, Event::PasswordReset { user: user.id });
    Ok(true)
}

async fn mails(
    auth: &Auth,
    context: &Context,
    base: &LinkBase,
    recipients: &[Recipient<UserWithPassword>],
) -> Result<Outgoing, AuthError> {
    let mut mails = Outgoing::default();
    for recipient in recipients {
        let (mail, secret) = mail(auth, context, base, recipient).await?;
        mails.mails.push(outbox::row(auth, &mail));
        mails.secrets.extend(secret);
    }
    Ok(mails)
}

async fn mail(
    auth: &Auth,
    context: &Context,
    base: &LinkBase,
    recipient: &Recipient<UserWithPassword>,
) -> Result<(MailContent, Option<MailedSecret>), AuthError> {
    let (user, to) = (&recipient.user.user, recipient.to.email.as_str());
    let settings = auth.settings();
    let mail = |kind| {
        let mail = MailContent::new(kind, to, &context.language)
            .with("user", links::display_name(auth, user))
            .with("email", to);
        // If users log in by address, they may not know their user name.
        if settings.account.login_methods.contains(&LoginMethod::Username) {
            return mail.with("username", user.username.as_str());
        }
        mail
    };
    if settings.account.password_reset_by_code_enabled {
        let (code, secret) = mailed_secret::issue_code(auth, SecretKind::ResetCode, recipient);
        return Ok((mail(MailKind::PasswordResetCode).with("code", code), Some(secret)));
    }
    let (token, secret) = match settings.rest_auth.password_reset_tokens {
        ResetTokenKind::Django => (reset_link::token(auth, &recipient.user).await?, None),
        ResetTokenKind::Stored => {
            let token = new_token(auth.random());
            let secret = mailed_secret::issue(auth, SecretKind::ResetLink, recipient, &token);
            (token, Some(secret))
        }
    };
    let uid = reset_link::uid(auth, user);
    let password_reset_url = links::password_reset(auth.settings(), base, &uid, &token);
    let mail = mail(MailKind::PasswordReset)
        .with("uid", uid)
        .with("token", token)
        .with("password_reset_url", password_reset_url);
    Ok((mail, secret))
}
