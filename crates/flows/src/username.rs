//! User names: which are allowed, and how a user's name is changed.

use rest_auth_domain::email;
use rest_auth_domain::message::Message;
use rest_auth_domain::username::UsernameRules;
use rest_auth_store::{FieldChange, NameChange, Outgoing, SameName, StoreError, Unique, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::{lookup, notices, outbox};

/// Who wants a name.
#[derive(Clone, Copy)]
pub(crate) enum Wanting<'a> {
    /// Somebody new, who gives this address; it may be empty.
    Newcomer(&'a str),
    /// A user, who may have it already.
    User(&'a User),
}

impl Wanting<'_> {
    fn id(self) -> Option<i64> {
        match self {
            Self::Newcomer(_) => None,
            Self::User(user) => Some(user.id),
        }
    }
}

/// Changes the names of a user, and the fields that the configuration adds. A new user name, by which
/// the user may log in, is told to the user by mail. `None`: another user has the name.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn change(
    auth: &Auth,
    context: &Context,
    user: User,
    change: NameChange,
    fields: &[FieldChange],
) -> Result<Option<User>, AuthError> {
    let new_name = change.username.as_deref().filter(|name| *name != user.username);
    let mails = new_name.map(|name| notices::username_changed(auth, context, &user, name));
    let (is_renamed, outgoing) = (mails.is_some(), Outgoing::from(mails.unwrap_or_default()));
    match auth.store().update_user_details(user.id, &change, fields, &outgoing).await {
        Ok(_) => {}
        Err(StoreError::Taken(Unique::Username)) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    if is_renamed {
        events::record(auth, &context.client, Event::UsernameChanged { user: user.id });
        outbox::wake(auth);
    }
    Ok(Some(User {
        username: change.username.unwrap_or(user.username),
        first_name: change.first_name.unwrap_or(user.first_name),
        last_name: change.last_name.unwrap_or(user.last_name),
        ..user
    }))
}

/// Everything that is wrong with a new name of a user, in the order of Django's checks: those of the
/// column first, with `of_shape` among them, and allauth's if these find nothing.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn problems(
    auth: &Auth,
    name: &str,
    user: &User,
    of_shape: Vec<Message>,
) -> Result<Vec<Message>, AuthError> {
    let mut problems = Vec::new();
    if !UsernameRules::column_allows(name) {
        problems.push(Message::InvalidUsername);
    }
    let is_broken = !problems.is_empty() || !of_shape.is_empty();
    // No other user has a name that the column does not hold.
    if is_broken && of_shape.is_empty() && !name.contains('\0') {
        let other: Option<User> = auth.store().user_by_username(name).await?;
        problems.extend(other.filter(|other| other.id != user.id).map(|_| Message::UsernameTaken));
    }
    problems.extend(of_shape);
    if !is_broken {
        problems.extend(problem(auth, name, Wanting::User(user)).await?);
    }
    Ok(problems)
}

/// The reason why a name cannot be used: its characters, the blacklist, that it is the address of
/// somebody else, or that a user has it in upper or lower case.
pub(crate) async fn problem(
    auth: &Auth,
    name: &str,
    wanting: Wanting<'_>,
) -> Result<Option<Message>, AuthError> {
    if let Err(problem) = auth.username_rules().check_characters(name) {
        return Ok(Some(problem.into()));
    }
    let rejects_addresses = auth.settings().account.reject_username_of_email;
    let is_neutral = auth.settings().hide_who_is_registered();
    // Whether somebody has the address must not be told, so every address but the own one is refused,
    // before anything is looked up.
    if rejects_addresses && is_neutral && is_foreign_address(auth, name, wanting).await? {
        return Ok(Some(Message::UsernameIsAddress));
    }
    if is_taken(auth, name, wanting.id()).await? {
        return Ok(Some(Message::UsernameTaken));
    }
    if rejects_addresses && !is_neutral && is_address_of_another(auth, name, wanting.id()).await? {
        return Ok(Some(Message::UsernameTaken));
    }
    Ok(None)
}

/// A free name that is derived from texts about a user, the first of which that can be used.
///
/// # Errors
/// [`AuthError::Invalid`] if no name is free.
pub(crate) async fn made_up(auth: &Auth, texts: &[&str]) -> Result<String, AuthError> {
    let base = auth.username_rules().suggest_base(texts.iter().copied());
    for name in auth.username_rules().candidates(&base, auth.random()) {
        if !is_taken(auth, &name, None).await? {
            return Ok(name);
        }
    }
    Err(AuthError::field("username", Message::UsernameTaken))
}

/// Whether a user other than `own` has the name.
pub(crate) async fn is_taken(auth: &Auth, name: &str, own: Option<i64>) -> Result<bool, AuthError> {
    Ok(auth.store().username_taken(name, same_name(auth), own).await?)
}

/// From which names of others a new name must differ.
pub(crate) fn same_name(auth: &Auth) -> SameName {
    if auth.settings().account.reject_look_alike_usernames {
        SameName::LookingAlike
    } else {
        SameName::IgnoringCase
    }
}

/// Whether the name is an address that is not known to be the own one. Whether somebody else has it
/// plays no part.
async fn is_foreign_address(
    auth: &Auth,
    name: &str,
    wanting: Wanting<'_>,
) -> Result<bool, AuthError> {
    let name = name.to_lowercase();
    if !email::is_valid(&name) {
        return Ok(false);
    }
    Ok(match wanting {
        Wanting::Newcomer(given) => given.to_lowercase() != name,
        Wanting::User(user) if user.email.to_lowercase() == name => false,
        Wanting::User(user) => {
            let rows = auth.store().addresses_of(user.id).await?;
            !rows.iter().any(|row| row.verified && row.email.to_lowercase() == name)
        }
    })
}

/// Whether the name is the address of another user, for whom its owner could be mistaken.
async fn is_address_of_another(
    auth: &Auth,
    name: &str,
    own: Option<i64>,
) -> Result<bool, AuthError> {
    if !name.contains('@') {
        return Ok(false);
    }
    let matches = lookup::everybody_of::<User>(auth, name).await?;
    Ok(matches.iter().any(|found| Some(found.user.id) != own))
}
