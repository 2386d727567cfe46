//! The rows behind the list of logins, in whichever tables the configuration keeps them.

use chrono::{DateTime, Utc};
use rest_auth_domain::clock::after;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::session::SessionData;
use rest_auth_store::{EndedCredentials, NewOutstanding, TokenClient, User};

use super::entry::EntryKind;
use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::{jwt, session};
use crate::error::AuthError;
use crate::evidence::{Evidence, in_session};
use crate::settings::rest_auth::TokenStorage;
use crate::settings::session::SessionStorage;

/// A credential.
pub(super) struct Row {
    pub(super) kept: EntryCredential,
    pub(super) created_at: DateTime<Utc>,
    pub(super) last_seen_at: DateTime<Utc>,
    /// Absent: never.
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) client: TokenClient,
    /// The login that it was handed out by, where that is known.
    pub(super) login: Option<String>,
    pub(super) evidence: Evidence,
}

/// Where a credential is kept, and under what.
pub(super) enum EntryCredential {
    /// A token of a device, by its digest.
    Token(String),
    /// The token of Django REST framework's that all devices share, by the digest of its key.
    DrfToken(String),
    /// A refresh family, by its id.
    Family(String),
    /// A refresh token of SimpleJWT's.
    Outstanding(Box<NewOutstanding>),
    /// A session of ours, by its digest.
    Session(String),
    /// A session of Django's, by its key.
    DjangoSession(String),
}

impl EntryCredential {
    pub(super) fn kind(&self) -> EntryKind {
        match self {
            Self::Token(_) | Self::DrfToken(_) => EntryKind::Token,
            Self::Family(_) | Self::Outstanding(_) => EntryKind::Jwt,
            Self::Session(_) | Self::DjangoSession(_) => EntryKind::Session,
        }
    }

    /// What tells it from all others.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Token(digest) => format!("token/{digest}"),
            Self::DrfToken(digest) => format!("drf_token/{digest}"),
            Self::Family(id) => format!("family/{id}"),
            Self::Outstanding(token) => format!("outstanding/{}", token.jti),
            Self::Session(digest) => format!("session/{digest}"),
            Self::DjangoSession(key) => format!("django_session/{}", digest_of(key)),
        }
    }
}

/// The credentials of a user that are alive.
///
/// # Errors
/// Errors of the database.
pub(super) async fn of(auth: &Auth, user: &User) -> Result<Vec<Row>, AuthError> {
    let mut rows = tokens(auth, user).await?;
    rows.extend(jwts(auth, user).await?);
    rows.extend(sessions(auth, user).await?);
    Ok(rows)
}

/// The names of the credentials of a request, of which some may be no rows.
///
/// # Errors
/// Errors of the database.
pub(super) async fn current(auth: &Auth, context: &Context) -> Result<Vec<String>, AuthError> {
    let mut current = Vec::new();
    if let Some(token) = &context.token {
        let digest = digest_of(token);
        current.extend([EntryCredential::Token(digest.clone()), EntryCredential::DrfToken(digest)]);
    }
    current.extend(jwt::family_of(auth, context.access.as_deref()).map(EntryCredential::Family));
    if let Some(session) = session::current(auth, context).await? {
        current.push(match auth.settings().session.storage {
            SessionStorage::Digest => EntryCredential::Session(session.digest()),
            SessionStorage::Django => {
                EntryCredential::DjangoSession(session.key.as_str().to_owned())
            }
        });
    }
    Ok(current.iter().map(EntryCredential::name).collect())
}

/// Ends the credentials of rows.
pub(super) async fn end(auth: &Auth, user: &User, rows: &[&Row]) -> Result<(), AuthError> {
    let (store, now) = (auth.store(), auth.now());
    let mut ended = EndedCredentials::default();
    for row in rows {
        match &row.kept {
            EntryCredential::Token(digest) => ended.tokens.push(digest.clone()),
            EntryCredential::Family(id) => ended.families.push(id.clone()),
            EntryCredential::Session(digest) => ended.sessions.push(digest.clone()),
            EntryCredential::DrfToken(_) => store.delete_tokens_of(user.id).await.map(drop)?,
            EntryCredential::Outstanding(token) => {
                store.blacklist(token, now).await.map(drop)?;
            }
            EntryCredential::DjangoSession(key) => store.end_user_session(user.id, key).await?,
        }
    }
    Ok(store.end_credentials(&ended, now).await?)
}

async fn tokens(auth: &Auth, user: &User) -> Result<Vec<Row>, AuthError> {
    if auth.settings().rest_auth.token_storage == TokenStorage::Django {
        let token = auth.store().token_of(user.id).await?;
        return Ok(Vec::from_iter(token.map(|token| Row {
            kept: EntryCredential::DrfToken(digest_of(&token.key)),
            created_at: token.created,
            last_seen_at: token.created,
            expires_at: None,
            client: TokenClient::default(),
            login: None,
            evidence: Evidence::default(),
        })));
    }
    let (now, idle) = (auth.now(), auth.settings().rest_auth.token_idle_timeout);
    let tokens = auth.store().device_tokens_of(user.id).await?.into_iter();
    let rows = tokens.filter(|token| token.epoch == user.epoch).map(|token| {
        let idle_end = idle.map(|idle| after(token.last_used_at, idle));
        Row {
            expires_at: [token.expires_at, idle_end].into_iter().flatten().min(),
            kept: EntryCredential::Token(token.digest),
            created_at: token.created_at,
            last_seen_at: token.last_used_at,
            client: token.client,
            login: token.login,
            evidence: Evidence::read(token.evidence.as_deref()),
        }
    });
    Ok(rows.filter(|row| row.expires_at.is_none_or(|end| end > now)).collect())
}

async fn jwts(auth: &Auth, user: &User) -> Result<Vec<Row>, AuthError> {
    let settings = auth.settings();
    if !settings.rest_auth.use_jwt {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    if settings.simple_jwt.refresh_families {
        let families = auth.store().live_families_of(user.id, auth.now()).await?.into_iter();
        // A family that was kept at a change goes on under the epoch after it.
        let alive = families
            .filter(|family| !settings.simple_jwt.check_epoch || family.epoch == user.epoch);
        rows.extend(alive.map(|family| Row {
            kept: EntryCredential::Family(family.id),
            created_at: family.created_at,
            last_seen_at: family.last_refreshed_at,
            expires_at: Some(family.ends_at),
            client: family.client,
            login: family.login,
            evidence: Evidence::read(family.evidence.as_deref()),
        }));
    }
    if settings.apps.token_blacklist {
        rows.extend(outstanding(auth, user).await?);
    }
    Ok(rows)
}

/// The refresh tokens on SimpleJWT's list; where there are families, those that Django issued.
async fn outstanding(auth: &Auth, user: &User) -> Result<Vec<Row>, AuthError> {
    let (store, now) = (auth.store(), auth.now());
    let tokens = if auth.settings().simple_jwt.refresh_families {
        store.outstanding_without_family_of(user.id, now).await?
    } else {
        store.outstanding_of(user.id, now).await?
    };
    Ok(tokens
        .into_iter()
        .map(|token| {
            let created_at = token.created_at.unwrap_or(token.expires_at);
            Row {
                created_at,
                last_seen_at: created_at,
                expires_at: Some(token.expires_at),
                kept: EntryCredential::Outstanding(Box::new(token)),
                client: TokenClient::default(),
                login: None,
                evidence: Evidence::default(),
            }
        })
        .collect())
}

async fn sessions(auth: &Auth, user: &User) -> Result<Vec<Row>, AuthError> {
    let (store, now) = (auth.store(), auth.now());
    if auth.settings().session.storage == SessionStorage::Django {
        let sessions = store.user_sessions_of(user.id, now).await?.into_iter();
        return Ok(sessions
            .map(|session| Row {
                kept: EntryCredential::DjangoSession(session.session_key),
                created_at: session.created_at,
                last_seen_at: session.last_seen_at,
                expires_at: Some(session.expires_at),
                client: session.client,
                login: None,
                evidence: Evidence::default(),
            })
            .collect());
    }
    let sessions = store.device_sessions_of(user.id, now).await?.into_iter();
    let alive = sessions.filter(|session| session.epoch == user.epoch);
    Ok(alive
        .map(|session| Row {
            kept: EntryCredential::Session(session.digest),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: Some(session.expire_date),
            client: session.client,
            login: session.login,
            evidence: in_session::read(&SessionData::decode(&session.data, auth.keys())),
        })
        .collect())
}
