//! `password/reset/` and `password/reset/confirm/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::password_change::NewPasswords;
use rest_auth_flows::password_reset::{self, Confirmation, Shown};

use super::password_change::MAX_LENGTH;
use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::tag::Tag;
use crate::origin_check;
use crate::reply::Reply;

pub(crate) const PASSWORD_RESET: Endpoint = Endpoint {
    path: "password/reset/",
    name: "Password Reset",
    description: "Mail a link or code to choose a new password. The answer is the same for every \
                  address.",
    tag: Tag::Password,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", request_form)),
    operations: &[Operation::new(
        Method::POST,
        "resetPassword",
        "Ask for a mail to choose a new password",
        handler!(request),
        request_outcomes,
    )],
};

pub(crate) const PASSWORD_RESET_CONFIRM: Endpoint = Endpoint {
    path: "password/reset/confirm/",
    name: "Password Reset Confirm",
    description: "Set the new password of who holds a link or code.",
    tag: Tag::Password,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", confirm_form)),
    operations: &[Operation::new(
        Method::POST,
        "confirmPasswordReset",
        "Choose a new password with what was mailed",
        handler!(confirm),
        confirm_outcomes,
    )],
};

fn request_outcomes(api: &Api) -> Vec<Outcome> {
    let sent = Outcome::sentence(StatusCode::OK, &Message::PasswordResetSent);
    let limited = outcome::limited(api, &[Action::ResetPassword]);
    [sent].into_iter().chain(outcome::foreign_origin(api)).chain(limited).collect()
}

fn confirm_outcomes(api: &Api) -> Vec<Outcome> {
    let done = Outcome::sentence(StatusCode::OK, &Message::PasswordReset);
    [done].into_iter().chain(outcome::limited(api, &[Action::ResetPasswordFromKey])).collect()
}

fn request_form(_: &Api) -> Form {
    Form(vec![FormField::email("email", "Email")])
}

fn confirm_form(api: &Api) -> Form {
    let passwords = [
        FormField::text("new_password1", "New password1").at_most(MAX_LENGTH),
        FormField::text("new_password2", "New password2").at_most(MAX_LENGTH),
    ];
    let shown = if resets_by_code(api) {
        [FormField::email("email", "Email"), FormField::text("code", "Code")]
    } else {
        [FormField::text("uid", "Uid"), FormField::text("token", "Token")]
    };
    Form(passwords.into_iter().chain(shown).collect())
}

fn resets_by_code(api: &Api) -> bool {
    api.auth().settings().account.password_reset_by_code_enabled
}

async fn request(request: ApiRequest) -> Result<Reply, ApiError> {
    origin_check::refuse_foreign(&request)?;
    let input = Input::read(&request)?;
    let form = request_form(request.api());
    let mut fields = form.check(&input, Completeness::Full)?.into_valid()?;
    let address = fields.take("email");
    password_reset::request(request.auth(), request.context(), &address).await?;
    Ok(Reply::detail(StatusCode::OK, Message::PasswordResetSent))
}

async fn confirm(request: ApiRequest) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let form = confirm_form(request.api());
    let mut fields = form.check(&input, Completeness::Full)?.into_valid()?;
    let shown = if resets_by_code(request.api()) {
        Shown::Code { email: fields.take("email"), code: fields.take("code") }
    } else {
        Shown::Link { uid: fields.take("uid"), token: fields.take("token") }
    };
    let new =
        NewPasswords { first: fields.take("new_password1"), again: fields.take("new_password2") };
    let confirmation = Confirmation { shown, new };
    password_reset::confirm(request.auth(), request.context(), confirmation).await?;
    Ok(Reply::detail(StatusCode::OK, Message::PasswordReset))
}
