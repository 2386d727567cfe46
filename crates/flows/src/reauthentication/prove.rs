//! A user proves again who they are.

use chrono::{DateTime, Utc};
use rest_auth_domain::clock::after;
use rest_auth_domain::message::Message;
use rest_auth_store::{FactorUsed, User};
use serde_json::Value;

use super::{confirm, credential, passkey};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::login::factor::{Factor, Method};
use crate::login::second_factor;
use crate::mfa::wrong_codes;
use crate::{notices, outbox};

/// What a user shows. It has no `Debug`, because it holds secrets.
pub enum Proof {
    /// The password of the account.
    Password(String),
    /// A code of the authenticator app, or a recovery code.
    Code(String),
    /// What a browser says about a passkey, and what its options came with.
    Passkey {
        /// The browser's `toJSON`.
        credential: Value,
        /// The id of the options.
        session_id: String,
    },
}

/// Takes a proof and notes it with the credential of the request. Returns until when it is good.
///
/// # Errors
/// [`AuthError::Invalid`] if it is wrong, or if nothing could keep it; [`AuthError::NotFound`] if the
/// user was deleted meanwhile; [`AuthError::Throttled`] after too many; [`AuthError::Overloaded`] if the
/// server has too much to hash.
pub async fn prove(
    auth: &Auth,
    context: &Context,
    user: &User,
    proof: Proof,
) -> Result<DateTime<Utc>, AuthError> {
    // Before a code is used up for nothing.
    credential::keeper(auth, context, user).await?;
    let factor = match proof {
        Proof::Password(password) => by_password(auth, context, user, password).await?,
        Proof::Code(code) => by_code(auth, context, user, &code).await?,
        Proof::Passkey { credential, session_id } => {
            limits::consume(auth, Action::Reauthenticate, &key(context, user)).await?;
            passkey::prove(auth, context, user, &credential, &session_id).await?
        }
    };
    let (method, at) = (factor.method, factor.at);
    credential::add_evidence(auth, context, user, factor).await?;
    events::record(auth, &context.client, Event::Reauthenticated { user: user.id, method });
    Ok(after(at, auth.settings().account.reauthentication_timeout))
}

fn key<'c>(context: &'c Context, user: &User) -> LimitKey<'c> {
    LimitKey::at(&context.client).user(user.id)
}

async fn by_password(
    auth: &Auth,
    context: &Context,
    user: &User,
    password: String,
) -> Result<Factor, AuthError> {
    let stored = auth.store().user_with_password(user.id).await?.ok_or(AuthError::NotFound)?;
    if !confirm::is_right(auth, context, user, stored.password, password).await? {
        return Err(AuthError::field("password", Message::IncorrectPassword));
    }
    Ok(Factor::new(Method::Password, auth.now()))
}

async fn by_code(
    auth: &Auth,
    context: &Context,
    user: &User,
    code: &str,
) -> Result<Factor, AuthError> {
    let wrong =
        || wrong_codes::note(auth, context, user, Event::ReauthenticationFailed { user: user.id });
    let (factors, key) = (second_factor::of(auth, user.id).await?, key(context, user));
    limits::consume(auth, Action::Mfa, &key).await?;
    let Some(fitting) = factors.fitting(auth, code) else { return Err(wrong().await?) };
    let method = fitting.method;
    let mut usage = fitting.usage(auth, user.id, code, None);
    if method == Method::RecoveryCode {
        let left = factors.remaining(auth).saturating_sub(1);
        usage.mails = notices::recovery_code_used(auth, context, user, left);
    }
    match auth.store().use_factor(&usage).await? {
        FactorUsed::Done => {}
        FactorUsed::Refused | FactorUsed::Spent => return Err(wrong().await?),
    }
    limits::reset(auth, Action::Mfa, &key).await?;
    outbox::wake(auth);
    Ok(Factor::new(method, auth.now()))
}
