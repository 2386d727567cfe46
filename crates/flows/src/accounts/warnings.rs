//! What an administrator should know about an account that is made all the same: data of another
//! system can be as it is.

use rest_auth_store::{SameName, StoreError, User};

use super::NewAccount;
use super::password::unreadable;
use crate::auth::Auth;

/// What is odd about an account that is going to be made, a sentence for each field.
///
/// # Errors
/// Errors of the database.
pub async fn warnings(auth: &Auth, new: &NewAccount) -> Result<Vec<String>, StoreError> {
    let mut warnings = Vec::new();
    if let Some(reason) = new.password_hash.as_deref().and_then(|hash| unreadable(auth, hash)) {
        warnings.push(format!("password_hash: no password will match it: {reason}"));
    }
    let store = auth.store();
    // The same name in the same case is refused.
    if store.user_by_username::<User>(&new.username).await?.is_none()
        && store.username_taken(&new.username, SameName::IgnoringCase, None).await?
    {
        warnings.push(format!(
            "username: another account is called {:?} in another case, and neither of the two may \
             be found at login",
            new.username
        ));
    }
    let further = new.extra_emails.iter().map(|extra| extra.email.as_str());
    for email in [new.email.as_str()].into_iter().chain(further).filter(|email| !email.is_empty()) {
        if !store.users_by_email::<User>(&email.to_lowercase()).await?.is_empty() {
            warnings.push(format!("email: another account has {email:?} already"));
        }
    }
    Ok(warnings)
}
