//! Sessions: a random key in a cookie and what the server knows of it.
//!
//! `session.storage` says where: in Django's table under the key itself, so that Django and this
//! server share them, or in a table of ours under the key's digest, one row for each device.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use rest_auth_domain::clock::after;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::password::EncodedPassword;
use rest_auth_domain::session::{
    HashVerdict, Lifetime, SessionData, SessionKey, auth_hash, check_auth_hash,
};
use rest_auth_store::{
    DeviceSession, Epoch, Login, RenewedSession, SessionRow, StoreError, User, UserWithPassword,
};

use super::KeptCredentials;
use super::continuing::Continuing;
use crate::auth::Auth;
use crate::client::Client;
use crate::context::Context;
use crate::current_session::{CurrentSession, OpenSession};
use crate::error::AuthError;
use crate::evidence::{Evidence, in_session};
use crate::login::admitted::Admitted;
use crate::settings::session::SessionStorage;

/// `last_seen_at` is written at most this often: a write for every request costs too much.
const LAST_SEEN_RESOLUTION: TimeDelta = TimeDelta::seconds(60);

/// The result of looking up a session cookie.
#[derive(Debug, Default)]
pub struct Opening {
    /// The session; `None` if the key is unknown, expired or revoked.
    pub session: Option<OpenSession>,
    /// The user of the session: active, and with the same password as at the login.
    pub user: Option<User>,
    /// Whether it continues under a new key, which the cookie must be set to.
    pub renewed: bool,
}

/// Looks up the session of a cookie and its user.
///
/// # Errors
/// Errors of the database. A key that is not valid is not an error.
#[must_use]
pub fn open(auth: &Auth, key: SessionKey) -> BoxFuture<'_, Result<Opening, AuthError>> {
    Box::pin(async move {
        match auth.settings().session.storage {
            SessionStorage::Django => open_django(auth, key).await,
            SessionStorage::Digest => open_device(auth, key).await,
        }
    })
}

async fn open_django(auth: &Auth, key: SessionKey) -> Result<Opening, AuthError> {
    let hint = auth.session_hints().get(&key);
    let found = auth.store().session_with_user_hint(key.as_str(), hint, auth.now()).await?;
    let Some((row, hinted)) = found else { return Ok(Opening::default()) };
    let data = SessionData::decode(&row.data, auth.keys());
    let session = OpenSession { key, data, row: None };
    let Some(user_id) = signed_in_user(auth, &session.data) else {
        return Ok(Opening::anonymous(session));
    };
    let found = match hinted.filter(|hinted| hinted.user.id == user_id) {
        Some(hinted) => Some(hinted),
        None => auth.store().user_with_password(user_id).await?,
    };
    let found = found.filter(|found| found.user.is_active);
    let Some(UserWithPassword { user, password, .. }) = found else {
        return Ok(Opening::anonymous(session));
    };
    auth.session_hints().set(&session.key, user_id);
    match check_auth_hash(session.data.auth_hash(), password.as_str(), auth.keys()) {
        HashVerdict::Current => {
            Ok(Opening { session: Some(session), user: Some(user), renewed: false })
        }
        HashVerdict::Fallback => {
            let kept = KeptCredentials { session: Some(&session), ..KeptCredentials::default() };
            let going_on = Continuing::prepare(auth, &user, Epoch::Keep, Some(&password), kept);
            match auth.store().renew_credentials(user.id, going_on.renewal()).await {
                Ok(()) => {
                    let session = going_on.into_session(auth);
                    Ok(Opening { session, user: Some(user), renewed: true })
                }
                // Another request of the same client was quicker, and its answer has the new key.
                Err(StoreError::CredentialsEnded) => {
                    Ok(Opening { session: Some(session), user: Some(user), renewed: false })
                }
                Err(error) => Err(error.into()),
            }
        }
        HashVerdict::Wrong => {
            end(auth, &session).await?;
            Ok(Opening::default())
        }
    }
}

async fn open_device(auth: &Auth, key: SessionKey) -> Result<Opening, AuthError> {
    let now = auth.now();
    let found = auth.store().device_session(&digest_of(key.as_str()), now).await?;
    let Some((row, user)) = found else { return Ok(Opening::default()) };
    if row.absolute_end.is_some_and(|end| end <= now) {
        auth.store().delete_device_session(&row.digest).await?;
        return Ok(Opening::default());
    }
    let data = SessionData::decode(&row.data, auth.keys());
    let mut session = OpenSession { key, data, row: Some(Box::new(row)) };
    let epoch = session.row.as_ref().map(|row| row.epoch);
    match user.filter(|user| user.is_active) {
        None => Ok(Opening::anonymous(session)),
        Some(user) if epoch == Some(user.epoch) => {
            note_use(auth, &mut session, now).await?;
            Ok(Opening { session: Some(session), user: Some(user), renewed: false })
        }
        // The password, address or factors have changed since the login, so the session has ended.
        Some(_) => {
            end(auth, &session).await?;
            Ok(Opening::default())
        }
    }
}

/// The session of a request, looked up if it was not before.
///
/// # Errors
/// Errors of the database. A key that is not valid is not an error.
pub(crate) async fn current(
    auth: &Auth,
    context: &Context,
) -> Result<Option<OpenSession>, AuthError> {
    Ok(match &context.session {
        CurrentSession::None => None,
        CurrentSession::Key(key) => open(auth, key.clone()).await?.session,
        CurrentSession::Open(session) => Some(session.clone()),
    })
}

/// Logs a user in. The user's own session continues, one of another user ends, and an anonymous one
/// continues under a new key, because an attacker may have set the old one.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn log_in(
    auth: &Auth,
    context: &Context,
    admitted: &Admitted,
    login: &str,
) -> Result<OpenSession, AuthError> {
    let user = admitted.user();
    let current = current(auth, context).await?;
    let current = current.as_ref();
    let hash = auth_hash(admitted.password().as_str(), auth.keys().current());
    let own = current.filter(|session| {
        session.data.user_id() == Some(user.id) && session.data.auth_hash() == Some(&*hash)
    });
    let anonymous = current.filter(|session| session.data.user_id().is_none());
    let mut data = own.or(anonymous).map(|session| session.data.clone()).unwrap_or_default();
    data.sign_in(user.id, admitted.backend().path(), &hash);
    note_evidence(auth, admitted, &mut data);
    if let Some(secret) = &context.csrf_secret {
        data.set_csrf_secret(secret);
    }
    let session = match own {
        Some(own) if own.row.is_none() => {
            let session = OpenSession { data, ..own.clone() };
            update(auth, &session).await?.unwrap_or(session)
        }
        _ => {
            if let Some(current) = current {
                end(auth, current).await?;
            }
            let new = NewSession {
                user: Some(user),
                client: &context.client,
                login: Some(login.to_owned()),
                absolute_end: absolute_end(auth, auth.now()),
            };
            insert(auth, data, new).await?
        }
    };
    auth.session_hints().set(&session.key, user.id);
    auth.store().set_last_login(user.id, auth.now()).await?;
    Ok(session)
}

/// Puts what the login proved into the session, where that is asked for: dj-rest-auth does not.
fn note_evidence(auth: &Auth, admitted: &Admitted, data: &mut SessionData) {
    let settings = auth.settings();
    if settings.account.reauthentication_required || settings.apps.usersessions {
        in_session::write(data, &Evidence::of_login(admitted.factors()));
    }
}

/// Ends a session.
///
/// # Errors
/// Errors of the database.
pub async fn end(auth: &Auth, session: &OpenSession) -> Result<(), AuthError> {
    auth.session_hints().forget(&session.key);
    match &session.row {
        Some(row) => auth.store().delete_device_session(&row.digest).await?,
        None => auth.store().delete_session(session.key.as_str()).await?,
    };
    Ok(())
}

/// A session under a new key, and the rows that the store writes for it, which takes the place of
/// one whose user has another password, address or factor. It ends no later for that. `password` is
/// the hash that the session is good with from now on; without one that stays as it is.
pub(crate) fn renewed(
    auth: &Auth,
    session: &OpenSession,
    user: &User,
    password: Option<&EncodedPassword>,
) -> (OpenSession, RenewedSession) {
    let mut data = session.data.clone();
    if let Some(password) = password {
        data.set_auth_hash(&auth_hash(password.as_str(), auth.keys().current()));
    }
    let row = session.row.as_ref();
    let client = row.map(|row| row.client.clone()).unwrap_or_default().into();
    let new = NewSession {
        user: Some(user),
        client: &client,
        login: row.and_then(|row| row.login.clone()),
        absolute_end: row.and_then(|row| row.absolute_end),
    };
    let (session_now, written) = made(auth, data, new);
    let renewed = match written {
        Written::Django(row) => {
            let (former, key) = (session.key.as_str(), session_now.key.as_str());
            RenewedSession::Django { former: former.to_owned(), key: key.to_owned(), row }
        }
        Written::Device(row) => RenewedSession::Device { former: session.digest(), row },
    };
    (session_now, renewed)
}

/// Writes a session again, so that its time starts anew (`session.save_every_request`), or makes
/// one if there was none.
///
/// # Errors
/// Errors of the database.
pub async fn save(auth: &Auth, session: &OpenSession) -> Result<Option<OpenSession>, AuthError> {
    update(auth, session).await
}

/// Makes a session without a user, to store data in.
///
/// # Errors
/// Errors of the database.
pub async fn begin(
    auth: &Auth,
    context: &Context,
    data: SessionData,
) -> Result<OpenSession, AuthError> {
    let absolute_end = absolute_end(auth, auth.now());
    let new = NewSession { user: None, client: &context.client, login: None, absolute_end };
    insert(auth, data, new).await
}

impl OpenSession {
    /// The login that it was handed out by, where the table says.
    pub(crate) fn login(&self) -> Option<Login> {
        let row = self.row.as_ref()?;
        Some(Login { user_id: row.user_id?, id: row.login.clone()? })
    }

    /// How long the cookie and the row live when written now.
    #[must_use]
    pub fn lifetime(&self, auth: &Auth) -> Lifetime {
        auth.session_life().of(&self.data, auth.now())
    }
}

impl Opening {
    fn anonymous(session: OpenSession) -> Self {
        Self { session: Some(session), user: None, renewed: false }
    }
}

/// The user a session names, if the backend that accepted the credentials is still in use.
fn signed_in_user(auth: &Auth, data: &SessionData) -> Option<i64> {
    let backend = data.backend()?;
    auth.backends().iter().any(|known| known.path() == backend).then(|| data.user_id())?
}

/// What is noted of a session beside its content.
struct NewSession<'a> {
    user: Option<&'a User>,
    client: &'a Client,
    login: Option<String>,
    absolute_end: Option<DateTime<Utc>>,
}

/// The row of a session, in the table that `session.storage` names.
enum Written {
    Django(SessionRow),
    Device(Box<DeviceSession>),
}

async fn insert(
    auth: &Auth,
    data: SessionData,
    new: NewSession<'_>,
) -> Result<OpenSession, AuthError> {
    let (session, written) = made(auth, data, new);
    match &written {
        Written::Django(row) => auth.store().insert_session(session.key.as_str(), row).await?,
        Written::Device(row) => auth.store().insert_device_session(row).await?,
    }
    Ok(session)
}

/// A new session that nothing has been written of.
fn made(auth: &Auth, data: SessionData, new: NewSession<'_>) -> (OpenSession, Written) {
    let NewSession { user, client, login, absolute_end } = new;
    let now = auth.now();
    let key = SessionKey::generate(auth.random());
    let expire_date = auth.session_life().of(&data, now).expire_date;
    let encoded = data.encode(auth.keys(), now);
    match auth.settings().session.storage {
        SessionStorage::Django => {
            let row = SessionRow { data: encoded, expire_date };
            (OpenSession { key, data, row: None }, Written::Django(row))
        }
        SessionStorage::Digest => {
            let row = Box::new(DeviceSession {
                digest: digest_of(key.as_str()),
                user_id: user.map(|user| user.id),
                epoch: user.map_or(0, |user| user.epoch),
                data: encoded,
                created_at: now,
                last_seen_at: now,
                expire_date: absolute_end.map_or(expire_date, |end| end.min(expire_date)),
                absolute_end,
                client: client.into(),
                login,
            });
            (OpenSession { key, data, row: Some(row.clone()) }, Written::Device(row))
        }
    }
}

/// `None` if the row has vanished meanwhile: somebody logged out in another request.
async fn update(auth: &Auth, session: &OpenSession) -> Result<Option<OpenSession>, AuthError> {
    let now = auth.now();
    let expire_date = auth.session_life().of(&session.data, now).expire_date;
    let data = session.data.encode(auth.keys(), now);
    let mut session = session.clone();
    let hit = match &mut session.row {
        None => {
            let row = SessionRow { data, expire_date };
            auth.store().update_session(session.key.as_str(), &row).await?
        }
        Some(row) => {
            row.data = data;
            row.last_seen_at = now;
            row.expire_date = row.absolute_end.map_or(expire_date, |end| end.min(expire_date));
            auth.store().update_device_session(row).await?
        }
    };
    Ok(hit.then_some(session))
}

async fn note_use(
    auth: &Auth,
    session: &mut OpenSession,
    now: DateTime<Utc>,
) -> Result<(), AuthError> {
    let expire_date = auth.session_life().of(&session.data, now).expire_date;
    let Some(row) = &mut session.row else { return Ok(()) };
    // A session that ends soon without use is noted more often, or it would end while in use.
    if now - row.last_seen_at < LAST_SEEN_RESOLUTION.min((expire_date - now) / 60) {
        return Ok(());
    }
    row.last_seen_at = now;
    row.expire_date = row.absolute_end.map_or(expire_date, |end| end.min(expire_date));
    auth.store().touch_device_session(&row.digest, now, row.expire_date).await?;
    Ok(())
}

fn absolute_end(auth: &Auth, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    auth.settings().session.absolute_lifetime.map(|lifetime| after(now, lifetime))
}
