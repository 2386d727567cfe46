//! The credential that a request shows, and where its evidence is kept.

use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_store::User;

use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::{jwt, session};
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::evidence::{Evidence, beside, in_session};
use crate::login::factor::Factor;
use crate::settings::rest_auth::TokenStorage;

/// The credential that a request was authenticated by.
pub(super) enum RequestCredential {
    /// A token of a device, by its digest.
    Token(String),
    /// The token of Django REST framework's that all devices share, by its digest.
    DrfToken(String),
    /// A refresh family, by its id.
    Family(String),
    /// An access token without a family, by its digest.
    AccessToken(String),
    /// A session.
    Session(Box<OpenSession>),
}

/// What was proven with the credential of a request. Nothing is known of a name and a password in
/// every request.
///
/// # Errors
/// Errors of the database.
pub(super) async fn evidence(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Result<Evidence, AuthError> {
    match shown(auth, context, user).await? {
        Some(shown) => read(auth, &shown, user).await,
        None => Ok(Evidence::default()),
    }
}

/// The credential of a request, with which a proof can be kept.
///
/// # Errors
/// [`AuthError::Invalid`] of a name and a password in every request, with which nothing is kept.
pub(super) async fn keeper(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Result<RequestCredential, AuthError> {
    let shown = shown(auth, context, user).await?;
    shown.ok_or_else(|| AuthError::form(Message::ProofNotKept))
}

/// Adds to what was proven with the credential of a request, and returns all of it.
///
/// # Errors
/// As [`keeper`].
pub(super) async fn add_evidence(
    auth: &Auth,
    context: &Context,
    user: &User,
    factor: Factor,
) -> Result<Evidence, AuthError> {
    let shown = keeper(auth, context, user).await?;
    let evidence = read(auth, &shown, user).await?.with(factor);
    let (store, text) = (auth.store(), evidence.written().unwrap_or_default());
    match shown {
        RequestCredential::Token(digest) => {
            store.set_token_evidence(&digest, &text).await?;
        }
        RequestCredential::Family(id) => {
            store.set_family_evidence(&id, &text).await?;
        }
        RequestCredential::Session(mut session) => {
            in_session::write(&mut session.data, &evidence);
            session::save(auth, &session).await?;
        }
        RequestCredential::DrfToken(digest) | RequestCredential::AccessToken(digest) => {
            beside::write(auth, user, &digest, &evidence).await?;
        }
    }
    Ok(evidence)
}

async fn read(auth: &Auth, shown: &RequestCredential, user: &User) -> Result<Evidence, AuthError> {
    let store = auth.store();
    let text = match shown {
        RequestCredential::Token(digest) => {
            store.device_token(digest).await?.and_then(|(token, _)| token.evidence)
        }
        RequestCredential::Family(id) => store.family_evidence(id).await?,
        RequestCredential::Session(session) => return Ok(in_session::read(&session.data)),
        RequestCredential::DrfToken(digest) | RequestCredential::AccessToken(digest) => {
            return beside::read(auth, user, digest).await;
        }
    };
    Ok(Evidence::read(text.as_deref()))
}

/// What authenticated the request: a session only if nothing else did, as it may come along with
/// another credential, and only one of the user, as it may come along with their password.
pub(super) async fn shown(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Result<Option<RequestCredential>, AuthError> {
    if let Some(token) = &context.token {
        let digest = digest_of(token);
        return Ok(Some(match auth.settings().rest_auth.token_storage {
            TokenStorage::Digest => RequestCredential::Token(digest),
            TokenStorage::Django => RequestCredential::DrfToken(digest),
        }));
    }
    if let Some(access) = &context.access {
        let family = jwt::family_of(auth, Some(access)).map(RequestCredential::Family);
        let alone = || digest_of(&String::from_utf8_lossy(access));
        return Ok(Some(family.unwrap_or_else(|| RequestCredential::AccessToken(alone()))));
    }
    let session = session::current(auth, context).await?;
    let own = session.filter(|session| session.data.user_id() == Some(user.id));
    Ok(own.map(|session| RequestCredential::Session(Box::new(session))))
}
