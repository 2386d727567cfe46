//! Finds the users that a login identifier may refer to, in the order of Django's backends.

use rest_auth_domain::username::Casing;
use rest_auth_store::{Address, EmailMatch, FromUserRow, MatchedBy, User, UserWithPassword};

use crate::auth::Auth;
use crate::authentication_backend::LoginBackend;
use crate::error::AuthError;
use crate::settings::account::LoginMethod;

/// No user has this key. A look-up by it costs as much as one by the key of a user.
pub(crate) const NOBODY: i64 = 0;

/// Of how many accounts a password is compared with, where all have an address that none has
/// verified: each costs a hash, and anybody can register them. Those that came first are tried.
const MOST_UNPROVEN: usize = 5;

/// The most characters of an address; names are shorter.
const LONGEST: usize = 254;

/// The identifier that a user types at login.
#[derive(Clone, Debug)]
pub enum Identifier {
    /// The text in the field for the user name, which may be an address.
    Username(String),
    /// The text in the field for the address.
    Email(String),
}

impl Identifier {
    /// What was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Username(text) | Self::Email(text) => text,
        }
    }
}

/// The users that one backend finds: Django's own by the exact name, allauth's by address and by
/// name in upper or lower case.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn candidates(
    auth: &Auth,
    backend: LoginBackend,
    identifier: &Identifier,
) -> Result<Vec<UserWithPassword>, AuthError> {
    if !fits(identifier.as_str()) {
        return Ok(Vec::new());
    }
    match (backend, identifier) {
        (LoginBackend::Model, Identifier::Username(name)) => {
            Ok(auth.store().user_by_username(name).await?.into_iter().collect())
        }
        (LoginBackend::Model, Identifier::Email(_)) => Ok(Vec::new()),
        (LoginBackend::Allauth, identifier) => by_allauth(auth, identifier).await,
    }
}

async fn by_allauth(
    auth: &Auth,
    identifier: &Identifier,
) -> Result<Vec<UserWithPassword>, AuthError> {
    let methods = &auth.settings().account.login_methods;
    let mut users = Vec::new();
    if methods.contains(&LoginMethod::Email) {
        users = by_email(auth, identifier.as_str()).await?;
    }
    if let Identifier::Username(name) = identifier
        && methods.contains(&LoginMethod::Username)
    {
        users.extend(by_name(auth, name).await?);
    }
    Ok(users)
}

/// The backend of a login that asks none, because it needs no identifier.
pub(crate) fn first_backend(auth: &Auth) -> LoginBackend {
    auth.backends().first().copied().unwrap_or(LoginBackend::Model)
}

/// Whom a login means in a project without allauth: the name of the only user of the address, if
/// one is given and has one, else the name that is given.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn without_allauth(
    auth: &Auth,
    username: &str,
    email: &str,
) -> Result<Identifier, AuthError> {
    if !email.is_empty() && !email.contains('\0') {
        let found: Vec<User> = auth.store().users_by_own_email_insensitive(email).await?;
        if let [only] = found.as_slice() {
            return Ok(Identifier::Username(only.username.clone()));
        }
        if username.is_empty() {
            return Ok(Identifier::Email(email.to_owned()));
        }
    }
    Ok(Identifier::Username(username.to_owned()))
}

/// The user with this name in upper or lower case. If there are two, none is returned, because the
/// name is ambiguous.
///
/// # Errors
/// Errors of the database.
pub async fn by_name(auth: &Auth, name: &str) -> Result<Option<UserWithPassword>, AuthError> {
    // As Django: where names are stored in lower case, the lower case of what was typed is wanted,
    // by the rules of Unicode and not by those of the database.
    let wanted = casing(auth).stored(name);
    let candidates: Vec<UserWithPassword> =
        auth.store().users_by_username_insensitive(&wanted).await?;
    Ok(casing(auth).pick(name, candidates, |found| &found.user.username))
}

/// Whether a column can hold a text; if none can, it is nobody's, and never asked of the database:
/// PostgreSQL refuses to look for a NUL, and SQLite for a pattern that is too long.
fn fits(text: &str) -> bool {
    text.chars().count() <= LONGEST && !text.contains('\0')
}

/// Whether user names keep the case in which they were typed.
pub(crate) fn casing(auth: &Auth) -> Casing {
    if auth.settings().account.preserve_username_casing {
        Casing::Preserved
    } else {
        Casing::Lowered
    }
}

/// The users whom an address identifies at a login. If one has verified it, only that one is
/// returned.
///
/// # Errors
/// Errors of the database.
pub async fn by_email(auth: &Auth, address: &str) -> Result<Vec<UserWithPassword>, AuthError> {
    let mut matches = prefer_verified(auth, everybody_of(auth, address).await?, address);
    if auth.settings().account.identify_by_proven_email {
        matches.truncate(MOST_UNPROVEN);
    }
    Ok(matches.into_iter().map(|found| found.user).collect())
}

/// The users whom a mail to an address may reach: all who have it or, with
/// `account.identify_by_proven_email`, those whom [`by_email`] returns.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn reachable_at<U: FromUserRow>(
    auth: &Auth,
    address: &str,
) -> Result<Vec<EmailMatch<U>>, AuthError> {
    let matches = everybody_of(auth, address).await?;
    if auth.settings().account.identify_by_proven_email {
        return Ok(prefer_verified(auth, matches, address));
    }
    Ok(matches)
}

/// The users who have verified the address. If nobody has, those who have it without proof; with
/// `account.identify_by_proven_email` the accounts that were made with it and no others.
fn prefer_verified<U: FromUserRow>(
    auth: &Auth,
    mut matches: Vec<EmailMatch<U>>,
    address: &str,
) -> Vec<EmailMatch<U>> {
    let is_verified = |found: &EmailMatch<U>| found.via == MatchedBy::VerifiedAddress;
    if matches.iter().any(is_verified) {
        matches.retain(is_verified);
    } else if auth.settings().account.identify_by_proven_email {
        let address = address.to_lowercase();
        matches.retain(|found| found.user.user().email.to_lowercase() == address);
    }
    matches
}

/// Whether an address of a user, given in lower case, identifies the account.
///
/// With `account.identify_by_proven_email` the user must have verified it. Until they have verified
/// any, the address that the account was made with does: Django's own column has that one, because
/// only a verified address, or an administrator, takes its place there.
pub(crate) fn identifies(auth: &Auth, user: &User, rows: &[Address], address: &str) -> bool {
    if !auth.settings().account.identify_by_proven_email {
        return true;
    }
    let is_it = |row: &Address| row.verified && row.email.to_lowercase() == address;
    rows.iter().any(is_it)
        || (rows.iter().all(|row| !row.verified) && user.email.to_lowercase() == address)
}

/// All users with an address, verified owners first.
///
/// # Errors
/// Errors of the database.
pub async fn everybody_of<U: FromUserRow>(
    auth: &Auth,
    address: &str,
) -> Result<Vec<EmailMatch<U>>, AuthError> {
    if !fits(address) {
        return Ok(Vec::new());
    }
    if auth.settings().apps.has_allauth() {
        return Ok(auth.store().users_by_email(&address.to_lowercase()).await?);
    }
    let users = auth.store().users_by_own_email_insensitive(address).await?;
    let by_column = |user| EmailMatch { user, via: MatchedBy::UserEmail };
    Ok(users.into_iter().map(by_column).collect())
}
