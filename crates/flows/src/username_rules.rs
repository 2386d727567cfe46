//! Which user names may be taken.

use rest_auth_domain::message::Message;

use crate::auth::Auth;
use crate::error::AuthError;
use crate::lookup;

/// Whether somebody may take a name: its characters, the blacklist, and whether anybody has it in
/// any case. `own` is the user who already has it.
pub(crate) async fn check(
    auth: &Auth,
    name: &str,
    own: Option<i64>,
) -> Result<Result<(), Message>, AuthError> {
    if let Err(problem) = auth.username_rules().check_characters(name) {
        return Ok(Err(problem.into()));
    }
    if auth.store().username_taken(name, own).await? {
        return Ok(Err(Message::UsernameTaken));
    }
    if auth.settings().account.reject_username_of_email
        && is_address_of_another(auth, name, own).await?
    {
        return Ok(Err(Message::UsernameTaken));
    }
    Ok(Ok(()))
}

/// Whether the name is another user's address, so that its bearer could be taken for that user.
async fn is_address_of_another(
    auth: &Auth,
    name: &str,
    own: Option<i64>,
) -> Result<bool, AuthError> {
    if !name.contains('@') {
        return Ok(false);
    }
    let matches = lookup::everybody_of(auth, name).await?;
    Ok(matches.iter().any(|found| Some(found.user.id) != own))
}
