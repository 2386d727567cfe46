//! `password/reset/` and `password/reset/confirm/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::password_change::NewPasswords;
use rest_auth_flows::password_reset::{self, ResetConfirmation, ResetProof};

use super::password_change::MAX_LENGTH;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, email, email_address, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const PASSWORD_RESET: Endpoint = Endpoint {
    path: "password/reset/",
    name: "Password Reset",
    description: "Mail a link or code to choose a new password. The answer is the same for every \
                  address.",
    tag: Tag::Password,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", PasswordResetForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "requestPasswordReset",
        "Request a mail to choose a new password",
        handler!(request),
        request_answers,
    )
    .checking_origin()],
};

pub(crate) const PASSWORD_RESET_CONFIRM: Endpoint = Endpoint {
    path: "password/reset/confirm/",
    name: "Password Reset Confirm",
    description: "Choose a new password with the link or code that was mailed.",
    tag: Tag::Password,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", PasswordResetConfirmForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "confirmPasswordReset",
        "Choose a new password with the mailed link or code",
        handler!(confirm),
        confirm_answers,
    )],
};

fn request_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let sent = PossibleAnswer::sentence(StatusCode::OK, &Message::PasswordResetSent);
    let limited = outcomes::limited(configuration, &[Action::ResetPassword]);
    [sent].into_iter().chain(limited).collect()
}

fn confirm_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = PossibleAnswer::sentence(StatusCode::OK, &Message::PasswordReset);
    [done]
        .into_iter()
        .chain(outcomes::limited(configuration, &[Action::ResetPasswordFromKey]))
        .collect()
}

form! {
    /// The address whose owner wants to reset the password.
    pub(crate) struct PasswordResetForm(_) {
        #[validate(custom(function = "email_address"))]
        email: String = email(),
    }
}

form! {
    /// A new password, and what was mailed: a link's parts, or a code.
    pub(crate) struct PasswordResetConfirmForm(configuration) {
        new_password1: String = text().at_most(MAX_LENGTH),
        new_password2: String = text().at_most(MAX_LENGTH),
        #[validate(custom(function = "email_address"))]
        email: String = email().offered(resets_by_code(configuration)),
        code: String = text().offered(resets_by_code(configuration)),
        uid: String = text().offered(!resets_by_code(configuration)),
        token: String = text().offered(!resets_by_code(configuration)),
    }
}

fn resets_by_code(configuration: Configuration<'_>) -> bool {
    configuration.accounts.account.password_reset_by_code_enabled
}

async fn request(request: ApiRequest, form: PasswordResetForm) -> Result<Reply, ApiError> {
    let PasswordResetForm { email } = form;
    password_reset::request(request.auth(), request.context(), &email).await?;
    Ok(Reply::detail(StatusCode::OK, Message::PasswordResetSent))
}

async fn confirm(request: ApiRequest, form: PasswordResetConfirmForm) -> Result<Reply, ApiError> {
    let PasswordResetConfirmForm { new_password1, new_password2, email, code, uid, token } = form;
    let shown = if resets_by_code(request.configuration()) {
        ResetProof::Code { email, code }
    } else {
        ResetProof::Link { uid, token }
    };
    let new = NewPasswords { first: new_password1, again: new_password2 };
    let confirmation = ResetConfirmation { shown, new };
    password_reset::confirm(request.auth(), request.context(), confirmation).await?;
    Ok(Reply::detail(StatusCode::OK, Message::PasswordReset))
}
