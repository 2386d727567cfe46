//! Entries of the list of logins: what one login handed out is one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rest_auth_domain::encoding::base64url;
use rest_auth_domain::signing::salted_hmac;
use rest_auth_store::User;

use super::rows::Row;
use crate::auth::Auth;
use crate::credentials::jwt::auth_claims;

/// How many bytes name a login.
const ID_LEN: usize = 16;

/// What a login goes on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// An API token.
    Token,
    /// Refresh tokens.
    Jwt,
    /// A session.
    Session,
}

impl EntryKind {
    /// The word in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Jwt => "jwt",
            Self::Session => "session",
        }
    }
}

/// A login of a user.
#[derive(Clone, Debug)]
pub struct LoginEntry {
    /// 22 characters that name it. They open nothing.
    pub id: String,
    /// What it goes on with: with a session beside it, the token.
    pub kind: EntryKind,
    /// When the user logged in.
    pub created_at: DateTime<Utc>,
    /// When it was last used, as far as that was written down.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends unless it is used; never, if absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// The address that the user had then; empty if it is not known.
    pub ip: String,
    /// What the browser or app called itself; empty if it is not known.
    pub user_agent: String,
    /// What was proven, in the names of RFC 8176; none if it is not known.
    pub amr: Vec<String>,
    /// Whether the request belongs to it.
    pub is_current: bool,
}

/// A login with its rows.
pub(super) struct Entry {
    pub(super) shown: LoginEntry,
    pub(super) rows: Vec<Row>,
}

/// The entries of rows, the newest first.
pub(super) fn of(auth: &Auth, user: &User, rows: Vec<Row>, current: &[String]) -> Vec<Entry> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    let mut group_of = HashMap::new();
    for row in rows {
        let index = match row.login.clone() {
            Some(login) => *group_of.entry(login).or_insert(groups.len()),
            None => groups.len(),
        };
        match groups.get_mut(index) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    let mut entries: Vec<_> =
        groups.into_iter().filter_map(|rows| entry(auth, user, rows, current)).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.shown.created_at));
    entries
}

fn entry(auth: &Auth, user: &User, rows: Vec<Row>, current: &[String]) -> Option<Entry> {
    let first = rows.iter().min_by_key(|row| row.kept.kind())?;
    let never_ends = rows.iter().any(|row| row.expires_at.is_none());
    let is_current = |row: &Row| current.contains(&row.kept.name());
    let shown = LoginEntry {
        id: id(auth, user, first),
        kind: first.kept.kind(),
        created_at: rows.iter().map(|row| row.created_at).min()?,
        last_seen_at: rows.iter().map(|row| row.last_seen_at).max()?,
        expires_at: rows.iter().filter_map(|row| row.expires_at).max().filter(|_| !never_ends),
        ip: first.client.ip.clone(),
        user_agent: first.client.user_agent.clone(),
        amr: auth_claims::references(&first.evidence).into_iter().map(str::to_owned).collect(),
        is_current: rows.iter().any(is_current),
    };
    Some(Entry { shown, rows })
}

/// The id of a login: that of its row under the secret key, so that nothing of the row is told.
fn id(auth: &Auth, user: &User, row: &Row) -> String {
    let name = format!("{}/{}", user.id, row.kept.name());
    let mac = salted_hmac("rest_auth.sessions", name.as_bytes(), auth.keys().current());
    mac.first_chunk::<ID_LEN>().map(base64url).unwrap_or_default()
}
