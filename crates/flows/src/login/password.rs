//! Login by password.

use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::password::Password;
use rest_auth_store::{User, UserWithPassword};

use super::admission::{Outcome, complete};
use super::checks::{self, Admission, Returning, Step};
use super::guesses::{self, Target};
use super::mailed_code;
use super::proven::{Doubt, Proven};
use super::second_factor;
use crate::auth::Auth;
use crate::client::Client;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::hashing::{Account, Priority, Requester};
use crate::limits::{self, Action, LimitKey};
use crate::lookup::{self, Identifier};
use crate::settings::account::LoginMethod;

/// The input of the login form. It has no `Debug`, because it holds the password.
pub struct PasswordLogin {
    /// The user name or, where addresses are a login method, an address.
    pub username: String,
    /// An address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// Logs in a user who knows an account's password.
///
/// # Errors
/// [`AuthError::Invalid`] if no identifier is given or the credentials are wrong, with the same
/// message and after the same work for unknown users, wrong passwords and disabled accounts;
/// [`AuthError::Throttled`] after too many attempts or failures.
pub async fn with_password(
    auth: &Auth,
    context: &Context,
    login: PasswordLogin,
) -> Result<Outcome, AuthError> {
    let identifier = if auth.settings().apps.has_allauth() {
        identify(auth, &login)?
    } else {
        lookup::without_allauth(auth, &login.username, &login.email).await?
    };
    limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
    let password = Password::new(login.password);
    match prove(auth, context, &identifier, password).await? {
        Some(proven) => complete(auth, context, proven).await,
        None => Err(AuthError::form(Message::BadCredentials)),
    }
}

/// The user whose name and password a request carries in its header (RFC 7617). No credentials are
/// issued, because the next request carries name and password again.
///
/// # Errors
/// [`AuthError::Unauthenticated`] if they are wrong, the account is disabled, or a step of a login
/// is open.
pub async fn by_basic(
    auth: &Auth,
    context: &Context,
    username: String,
    password: String,
) -> Result<User, AuthError> {
    let wrong = || AuthError::refused(Message::BasicCredentials);
    let identifier = Identifier::Username(username);
    let proven = prove(auth, context, &identifier, Password::new(password)).await?;
    let proven = proven.ok_or_else(wrong)?;
    // What was proven a moment ago has no end.
    let returning = Returning {
        user: proven.user(),
        asks_for_active: true,
        is_over: false,
        proven: Some(&proven),
    };
    match checks::admit(auth, returning).await? {
        Admission::Granted => Ok(proven.into_user()),
        Admission::Closed | Admission::Over => Err(wrong()),
        Admission::Open(Step::VerifyEmail) => Err(AuthError::refused(Message::EmailNotVerified)),
        Admission::Open(Step::SecondFactor | Step::MailedCode | Step::SetUpSecondFactor) => {
            Err(AuthError::refused(Message::SecondFactorRequired))
        }
    }
}

/// Finds the active user with this identifier and password. A stored hash in another than the
/// preferred format is replaced, because the password is known now, even if the user may not log
/// in.
///
/// # Errors
/// [`AuthError::Throttled`] after too many failures, [`AuthError::Overloaded`] if the server has
/// too much to hash.
pub async fn prove(
    auth: &Auth,
    context: &Context,
    identifier: &Identifier,
    password: Password,
) -> Result<Option<Proven>, AuthError> {
    let client = &context.client;
    let failure_key = failure_key(auth, identifier, client);
    limits::peek(auth, Action::LoginFailed, &failure_key).await?;
    let account = Account::Typed(digest_of(&identifier.as_str().to_lowercase()));
    let requester = Requester { address: client.address, account: Some(account) };
    let (mut seen, mut tried, mut refused) = (Vec::new(), Vec::new(), None);
    // As in Django a backend is asked only if those before it accepted nobody.
    for &backend in auth.backends() {
        for mut found in lookup::candidates(auth, backend, identifier).await? {
            let id = found.user.id;
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let target = Target::account(&found.user);
            if let Err(error) = guesses::peek(auth, context, &target).await {
                // The other backends are asked as for nobody, so that the response time does not
                // reveal who exists.
                refused = Some(error);
                continue;
            }
            tried.push(target);
            let password = Password::new(password.as_str().to_owned());
            if verify_and_upgrade(auth, &mut found, password, requester.clone()).await?
                && found.user.is_active
                && let Some(doubt) = accept(auth, context, &failure_key, &found).await?
            {
                return Ok(Some(Proven::by_password(found, backend, auth.now(), doubt)));
            }
        }
    }
    if tried.is_empty() {
        if let Some(error) = refused.take() {
            return Err(error);
        }
        guesses::peek(auth, context, &Target::unknown(identifier)).await?;
        // Hash all the same: returning early would tell that the user does not exist.
        let _ = auth.hashing().verify(Priority::Login, requester, password, None).await?;
    }
    count_failure(auth, context, &failure_key, identifier, &tried).await?;
    refused.map_or(Ok(None), Err)
}

/// Forgives the failures before a right password, unless it may have been guessed. `None`: it may,
/// and nothing can confirm it, so that it is answered and counted like a wrong one.
///
/// # Errors
/// [`AuthError::Throttled`]: other attempts have failed meanwhile, and parallel guesses must not get
/// more answers than guesses in a row.
async fn accept(
    auth: &Auth,
    context: &Context,
    failure_key: &LimitKey<'_>,
    found: &UserWithPassword,
) -> Result<Option<Doubt>, AuthError> {
    let user = &found.user;
    limits::peek(auth, Action::LoginFailed, failure_key).await?;
    guesses::peek(auth, context, &Target::account(user)).await?;
    let are_many = guesses::are_many(auth, context, user).await?;
    let may_be_guessed = are_many || found.is_guessed;
    if may_be_guessed && guesses::asks_for_code(auth, context, user).await? {
        if can_confirm(auth, found).await? {
            auth.store().note_guessed_password(user.id, &found.password).await?;
            return Ok(Some(Doubt::MayBeGuessed));
        }
        // That it may have been guessed before counts for nothing then: the user would be kept out
        // for good.
        if are_many {
            return Ok(None);
        }
    }
    // After a successful login the earlier failures count as typing errors. The counter of the
    // source stays, so that a valid account does not allow more guesses at others; so does a high one
    // of the account, or every login of the user at home would allow as many guesses elsewhere.
    limits::reset(auth, Action::LoginFailed, failure_key).await?;
    if !are_many {
        guesses::reset(auth, &context.client, user).await?;
    }
    Ok(Some(Doubt::None))
}

/// Whether a user has something that can confirm a password that may have been guessed: a second
/// factor that logins ask for, or a mailbox.
async fn can_confirm(auth: &Auth, found: &UserWithPassword) -> Result<bool, AuthError> {
    let has_factor =
        found.has_factor != Some(false) && second_factor::of(auth, found.user.id).await?.is_on();
    Ok(has_factor || mailed_code::mailbox(auth, &found.user).await?.is_some())
}

/// Counts a failed attempt against its source and against the accounts that were tried.
///
/// # Errors
/// [`AuthError::Throttled`]: another request has reached the limit at the same moment. The answer is
/// then the same as for a later one.
async fn count_failure(
    auth: &Auth,
    context: &Context,
    failure_key: &LimitKey<'_>,
    identifier: &Identifier,
    tried: &[Target],
) -> Result<(), AuthError> {
    let mut refused = limits::consume(auth, Action::LoginFailed, failure_key).await;
    let nobody = [Target::unknown(identifier)];
    for target in if tried.is_empty() { &nobody } else { tried } {
        refused = refused.and(guesses::consume(auth, context, target).await);
    }
    refused?;
    let user = if let [Target::Account { id, .. }] = tried { Some(*id) } else { None };
    events::record(auth, &context.client, Event::LoginFailed { user });
    Ok(())
}

async fn verify_and_upgrade(
    auth: &Auth,
    found: &mut UserWithPassword,
    password: Password,
    requester: Requester,
) -> Result<bool, AuthError> {
    let stored = found.password.clone();
    let again = Password::new(password.as_str().to_owned());
    let verdict =
        auth.hashing().verify(Priority::Login, requester.clone(), password, Some(stored)).await?;
    if !verdict.matches
        && let Err(reason) = auth.hashers().readable(&found.password)
    {
        tracing::warn!(
            user = found.user.id,
            %reason,
            "no password can match the one that is stored for this user"
        );
    }
    if verdict.matches && verdict.must_update {
        // If the hash cannot be renewed now, a later login renews it.
        if let Ok(encoded) = auth.hashing().encode(Priority::Login, requester, again).await
            && auth.store().rehash_password(found.user.id, &found.password, &encoded).await?
        {
            found.password = encoded;
        }
    }
    Ok(verdict.matches)
}

/// The field that counts, by `account.login_methods`.
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

/// Failures with one name from one source count together, so that nobody can lock out a user from
/// elsewhere.
fn failure_key<'c>(auth: &Auth, identifier: &Identifier, client: &'c Client) -> LimitKey<'c> {
    let source = limits::source(auth, client);
    LimitKey::at(client).key(format!("{source}/{}", identifier.as_str().to_lowercase()))
}
