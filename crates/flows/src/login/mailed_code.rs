//! The step after a right password that may have been guessed (`guesses`): a code that is mailed to
//! the user. The login that waits keeps its digest, so that a code completes its own login only.

use rest_auth_domain::email;
use rest_auth_domain::mailed_secret::Seal;
use rest_auth_domain::message::Message;
use rest_auth_domain::user_code;
use rest_auth_mail::{MailContent, MailKind};
use rest_auth_store::{User, UserWithPassword};
use serde::{Deserialize, Serialize};

use super::admission::{Browser, Outcome, complete_in};
use super::factor::{Factor, Method};
use super::guesses;
use super::proven::Proven;
use super::second_step::{Resumed, count_attempt, ended};
use super::waiting::WaitingLogin;
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::{links, outbox};

/// What its digest is for.
const KIND: &str = "login_code";

/// A code that was mailed for a login.
#[derive(Serialize, Deserialize)]
pub(crate) struct SentCode {
    digest: String,
    /// Where it was mailed to.
    address: String,
}

/// Mails a code and keeps the login until somebody types it. The answer is the token of the login.
///
/// # Errors
/// [`AuthError::Invalid`] if the user has no address, as for a wrong password;
/// [`AuthError::Throttled`] if too many codes were mailed there.
pub(super) async fn send(
    auth: &Auth,
    context: &Context,
    proven: &Proven,
) -> Result<String, AuthError> {
    let owner = proven.with_password();
    let Some(address) = mailbox(auth, &owner.user).await? else {
        return Err(AuthError::form(Message::BadCredentials));
    };
    let key = LimitKey::at(&context.client).key(email::canonical(&address));
    limits::consume(auth, Action::RequestLoginCode, &key).await?;
    let settings = auth.settings();
    let code =
        user_code::generate(auth.random(), settings.account.password_reset_by_code_code_format.0);
    let significant = user_code::significant(&code).unwrap_or_default();
    let digest = seal(owner, &address).digest(auth.keys(), &significant);
    let mail = MailContent::new(MailKind::LoginCode, &address, &context.language)
        .with("user", links::display_name(auth, &owner.user))
        .with("code", code);
    let waiting = WaitingLogin::for_code(proven, &context.client, SentCode { digest, address });
    let lifetime = settings.mfa.ephemeral_token_timeout;
    let (token, row) = challenges::prepare(auth, Purpose::Login, Some(owner), &waiting, lifetime)?;
    let outgoing = vec![outbox::row(auth, &mail)].into();
    auth.store().insert_one_time_with_mail(&row, &outgoing).await?;
    outbox::wake(auth);
    events::record(auth, &context.client, Event::LoginCodeSent { user: owner.user.id });
    Ok(token)
}

/// Goes on with a login by the code that was mailed for it.
///
/// # Errors
/// As `second_step::with_code`.
pub(super) async fn complete(
    auth: &Auth,
    context: &Context,
    resumed: Resumed,
    typed: &str,
) -> Result<Outcome, AuthError> {
    let Resumed { challenge, owner } = resumed;
    if challenge.is_over {
        return Err(ended());
    }
    let user_id = owner.user.id;
    let key = LimitKey::at(&context.client).user(user_id);
    limits::consume(auth, Action::Mfa, &key).await?;
    count_attempt(auth, &challenge).await?;
    if !is_right(auth, &challenge.data, &owner, typed) {
        events::record(auth, &context.client, Event::SecondFactorFailed { user: user_id });
        return Err(AuthError::field("code", Message::InvalidCode));
    }
    if !challenges::consume(auth, &challenge).await? {
        return Err(ended());
    }
    limits::reset(auth, Action::Mfa, &key).await?;
    guesses::reset(auth, &context.client, &owner.user).await?;
    let step = Factor::new(Method::MailedCode, auth.now());
    // Nothing was shown that a browser could be trusted to have shown.
    let browser = Browser::AsItIs;
    complete_in(auth, context, Proven::by_step(owner, challenge.data, step), browser).await
}

fn is_right(auth: &Auth, waiting: &WaitingLogin, owner: &UserWithPassword, typed: &str) -> bool {
    let Some(SentCode { digest, address }) = &waiting.code else { return false };
    user_code::significant(typed)
        .is_some_and(|code| seal(owner, address).matches(auth.keys(), &code, digest))
}

fn seal<'a>(owner: &'a UserWithPassword, address: &'a str) -> Seal<'a> {
    Seal {
        kind: KIND,
        user_id: owner.user.id,
        epoch: owner.user.epoch,
        address,
        password: Some(owner.password.as_str()),
        email: None,
    }
}

/// Where a password reset would reach the user, too: the primary address that they verified or,
/// until they have verified any, the one that the account was made with.
///
/// # Errors
/// Errors of the database.
pub(super) async fn mailbox(auth: &Auth, user: &User) -> Result<Option<String>, AuthError> {
    let own = Some(user.email.clone()).filter(|email| !email.is_empty());
    if !auth.settings().apps.has_allauth() {
        return Ok(own);
    }
    let mut rows = auth.store().addresses_of(user.id).await?;
    rows.retain(|row| row.verified);
    let primary = rows.iter().position(|row| row.primary).unwrap_or(0);
    Ok(if rows.is_empty() { own } else { Some(rows.swap_remove(primary).email) })
}
