//! User names: which are allowed, and how a user's name is changed.

use rest_auth_domain::message::Message;
use rest_auth_domain::username::UsernameRules;
use rest_auth_store::{FieldChange, NameChange, Outgoing, SameName, StoreError, Unique, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::{lookup, notices, outbox};

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
    own: i64,
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
        problems.extend(other.filter(|user| user.id != own).map(|_| Message::UsernameTaken));
    }
    problems.extend(of_shape);
    if !is_broken {
        problems.extend(problem(auth, name, Some(own)).await?);
    }
    Ok(problems)
}

/// The reason why a name cannot be used: its characters, the blacklist, or that a user has it in
/// upper or lower case. `own` is the user who may have it already.
pub(crate) async fn problem(
    auth: &Auth,
    name: &str,
    own: Option<i64>,
) -> Result<Option<Message>, AuthError> {
    if let Err(problem) = auth.username_rules().check_characters(name) {
        return Ok(Some(problem.into()));
    }
    if is_taken(auth, name, own).await? {
        return Ok(Some(Message::UsernameTaken));
    }
    if auth.settings().account.reject_username_of_email
        && is_address_of_another(auth, name, own).await?
    {
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
