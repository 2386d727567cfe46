//! The login that began what takes two requests: no other login of the same user completes it, or
//! whoever has stolen one could finish what the user began in another.

use rest_auth_store::User;
use serde::{Deserialize, Serialize};

use super::credential::{self, RequestCredential};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;

/// What tells a login from the others of its user. It stays the same when a change ends the others,
/// and when JWTs are refreshed.
///
/// Nothing is known of a name and a password in every request, nor of JWTs without a family, which
/// each refresh replaces by others that name no login either: these are all alike.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LoginMark(Option<String>);

impl LoginMark {
    /// The login of a user that a request belongs to.
    ///
    /// # Errors
    /// Errors of the database.
    pub(crate) async fn of(auth: &Auth, context: &Context, user: &User) -> Result<Self, AuthError> {
        let shown = credential::shown(auth, context, user).await?;
        Ok(Self(shown.and_then(|shown| match shown {
            RequestCredential::Token(digest) | RequestCredential::DrfToken(digest) => {
                Some(format!("token/{digest}"))
            }
            RequestCredential::Family(id) => Some(format!("family/{id}")),
            RequestCredential::Session(session) => Some(match session.login() {
                // A change gives it another key.
                Some(login) => format!("login/{}", login.id),
                None => format!("session/{}", session.digest()),
            }),
            RequestCredential::AccessToken(_) => None,
        })))
    }
}
