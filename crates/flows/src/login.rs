//! Login: who is this, and may he come in?

use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::password::Password;
use rest_auth_store::User;
use serde_json::{Map, Value};

use crate::auth::{Auth, Backend};
use crate::client::Client;
use crate::context::Context;
use crate::credentials::{self, Issued};
use crate::error::AuthError;
use crate::hashing::{Account, Priority, Requester};
use crate::known_clients;
use crate::limits::{self, Action, LimitKey};
use crate::lookup::{self, Candidate, Identifier};
use crate::settings::account::{EmailVerification, LoginMethod};
use crate::user_fields;

/// What the login form said. It does not print.
pub struct PasswordLogin {
    /// The user name or, where addresses are a login method, an address.
    pub username: String,
    /// An address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// What was proven of somebody who wants in.
#[derive(Debug)]
pub struct Evidence {
    /// Who it is.
    pub user: User,
    /// Which backend vouches for him.
    pub backend: Backend,
    /// How he proved it.
    pub factor: Factor,
}

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// The account's password.
    Password,
    /// The account was made in this very request.
    Registration,
}

/// Somebody who is in, and what he got.
#[derive(Debug)]
pub struct LoggedIn {
    /// The user.
    pub user: User,
    /// His credentials.
    pub issued: Issued,
    /// His further fields, where the answer shows him: beside JWTs.
    pub fields: Map<String, Value>,
}

/// Logs somebody in who knows an account's password.
///
/// # Errors
/// [`AuthError::Invalid`] if nobody can be meant or the credentials are wrong, in the same words
/// and after the same work for unknown, wrong and disabled; [`AuthError::Throttled`] after too
/// many attempts or failures.
pub async fn with_password(
    auth: &Auth,
    context: &Context,
    login: PasswordLogin,
) -> Result<LoggedIn, AuthError> {
    let identifier = identify(auth, &login)?;
    limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
    let password = Password::new(login.password);
    let found = authenticate(auth, context, &identifier, password).await?;
    let Some(Candidate { user, backend }) = found else {
        return Err(AuthError::form(Message::BadCredentials));
    };
    complete(auth, context, Evidence { user, backend, factor: Factor::Password }).await
}

/// Whose user name and password a request carries in its header (RFC 7617). Nothing is handed out:
/// they come again with the next request.
///
/// # Errors
/// [`AuthError::Unauthenticated`] if they are wrong or the account is closed.
pub async fn by_basic(
    auth: &Auth,
    context: &Context,
    username: String,
    password: String,
) -> Result<User, AuthError> {
    let identifier = Identifier::Username(username);
    let found = authenticate(auth, context, &identifier, Password::new(password)).await?;
    let Some(Candidate { user, .. }) = found else {
        return Err(AuthError::refused(Message::BasicCredentials));
    };
    Ok(user)
}

/// Lets somebody in. This is the only function that hands out credentials for a login, so no way
/// in can leave out a check.
///
/// # Errors
/// [`AuthError::Invalid`] if the account is disabled or its address must be verified first.
pub async fn complete(
    auth: &Auth,
    context: &Context,
    evidence: Evidence,
) -> Result<LoggedIn, AuthError> {
    let Evidence { mut user, backend, factor } = evidence;
    if !user.is_active {
        return Err(AuthError::form(Message::BadCredentials));
    }
    require_verified_email(auth, &user).await?;
    let issued = credentials::issue(auth, context, &user, backend).await?;
    if issued.session.is_some() {
        user.last_login = Some(auth.now());
    }
    known_clients::note_login(auth, context, &user).await?;
    tracing::info!(event = "login", user = user.id, ?factor, address = ?context.client.address);
    let fields = match &issued.jwt {
        Some(_) => user_fields::of(auth, user.id).await?,
        None => Map::new(),
    };
    Ok(LoggedIn { user, issued, fields })
}

/// Finds the user whom identifier and password belong to. A stored hash that is not of the
/// preferred kind is replaced now that the password is known, even if the user may not log in.
///
/// # Errors
/// [`AuthError::Throttled`] after too many failures, [`AuthError::Overloaded`] if the server has
/// too much to hash.
pub async fn authenticate(
    auth: &Auth,
    context: &Context,
    identifier: &Identifier,
    password: Password,
) -> Result<Option<Candidate>, AuthError> {
    let client = &context.client;
    let failure_key = failure_key(auth, identifier, client);
    limits::peek(auth, Action::LoginFailed, &failure_key).await?;
    let account = Account::Typed(digest_of(&identifier.as_str().to_lowercase()));
    let requester = Requester { address: client.address, account: Some(account) };
    let mut tried = Vec::new();
    // As in Django a backend is asked only if those before it could not vouch for anybody.
    for &backend in auth.backends() {
        for mut user in lookup::candidates(auth, backend, identifier).await? {
            if tried.contains(&user.id) {
                continue;
            }
            tried.push(user.id);
            let password = Password::new(password.as_str().to_owned());
            if verify_and_upgrade(auth, &mut user, password, requester.clone()).await?
                && user.is_active
            {
                // Others may have failed meanwhile: of guesses sent at once no more may be
                // answered than of guesses in a row.
                limits::peek(auth, Action::LoginFailed, &failure_key).await?;
                // A login that succeeds shows that the typing errors before it were some. The
                // source's counter stays: one good account must not pay for guessing at others.
                limits::reset(auth, Action::LoginFailed, &failure_key).await?;
                return Ok(Some(Candidate { user, backend }));
            }
        }
    }
    if tried.is_empty() {
        // Hash all the same: returning early would tell that the user does not exist.
        let _ = auth.hashing().verify(Priority::Login, requester, password, None).await?;
    }
    // One failure too many at the same moment is not told from one that came later.
    limits::consume(auth, Action::LoginFailed, &failure_key).await?;
    tracing::info!(event = "login_failed", address = ?client.address);
    Ok(None)
}

async fn verify_and_upgrade(
    auth: &Auth,
    user: &mut User,
    password: Password,
    requester: Requester,
) -> Result<bool, AuthError> {
    let stored = user.password.clone();
    let again = Password::new(password.as_str().to_owned());
    let verdict =
        auth.hashing().verify(Priority::Login, requester.clone(), password, Some(stored)).await?;
    if verdict.matches && verdict.must_update {
        // A hash that cannot be renewed now is renewed at another login.
        if let Ok(encoded) = auth.hashing().encode(Priority::Login, requester, again).await
            && auth.store().rehash_password(user.id, &user.password, &encoded).await?
        {
            user.password = encoded;
        }
    }
    Ok(verdict.matches)
}

/// Which field counts, by `account.login_methods`.
fn identify(auth: &Auth, login: &PasswordLogin) -> Result<Identifier, AuthError> {
    let methods = &auth.settings().account.login_methods;
    let by_email = methods.contains(&LoginMethod::Email);
    let by_name = methods.contains(&LoginMethod::Username);
    if by_email && !login.email.is_empty() {
        return Ok(Identifier::Email(login.email.clone()));
    }
    if by_name && !login.username.is_empty() {
        return Ok(Identifier::Username(login.username.clone()));
    }
    Err(AuthError::form(match (by_name, by_email) {
        (true, true) => Message::MustIncludeEither,
        (false, true) => Message::MustIncludeEmail,
        _ => Message::MustIncludeUsername,
    }))
}

/// With mandatory verification an account is closed until its own address is verified.
async fn require_verified_email(auth: &Auth, user: &User) -> Result<(), AuthError> {
    let settings = auth.settings();
    if settings.account.email_verification != EmailVerification::Mandatory
        || !settings.apps.registration
    {
        return Ok(());
    }
    let addresses = auth.store().addresses_of(user.id).await?;
    // As in the original the two spellings must agree.
    if addresses.iter().any(|a| a.verified && a.email == user.email) {
        return Ok(());
    }
    Err(AuthError::form(Message::EmailNotVerified))
}

/// Whose failures count together: those from one source, and those with one name from one source,
/// so that nobody can lock somebody else out from afar.
fn failure_key<'c>(auth: &Auth, identifier: &Identifier, client: &'c Client) -> LimitKey<'c> {
    let source = limits::source(auth, client);
    LimitKey::at(client).key(format!("{source}/{}", identifier.as_str().to_lowercase()))
}
