//! The second step of a login, with whichever factor the user shows.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use serde_json::Value;

use super::admission::{Browser, Outcome};
use super::second_passkey::with_second_passkey;
use super::second_step::with_code;
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;

/// What a user shows for the second step. It has no `Debug`, because it holds secrets.
pub struct ShownFactor {
    /// A code of the authenticator app, or a recovery code.
    pub code: Option<String>,
    /// What a passkey says.
    pub credential: Option<Value>,
    /// Whether the browser is to be asked for no second factor from now on.
    pub browser: Browser,
}

/// Goes on with a login by the passkey that is shown, and by the code if there is none. `errors` are
/// those of the form.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and if nothing is shown; otherwise as `with_code` and
/// `with_second_passkey`.
pub async fn with_second_factor(
    auth: &Auth,
    context: &Context,
    token: &str,
    shown: ShownFactor,
    mut errors: FieldErrors,
) -> Result<Outcome, AuthError> {
    match (shown.credential, shown.code) {
        (Some(credential), _) => {
            // A code is not looked at beside a passkey.
            errors.take("code");
            errors.into_result()?;
            with_second_passkey(auth, context, token, &credential, shown.browser).await
        }
        (None, Some(code)) => {
            errors.into_result()?;
            with_code(auth, context, token, &code, shown.browser).await
        }
        (None, None) => {
            if !errors.has("code") {
                errors.push("code", Message::Required);
            }
            let fields = &["ephemeral_token", "code", "credential"];
            Err(AuthError::Invalid(errors.in_order_of(fields)))
        }
    }
}
