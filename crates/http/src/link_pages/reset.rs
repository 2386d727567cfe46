//! The page that takes a new password.

use axum::http::StatusCode;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::password_change::NewPasswords;
use rest_auth_flows::password_reset::{self, ResetConfirmation, ResetProof};

use super::html::{self, Field, HtmlForm};
use super::page::{Speech, dead, form_errors, typed};
use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::form::{Checked, Completeness};
use crate::input::Input;
use crate::reply::Reply;
use crate::routes::password_reset::{PASSWORD_RESET_CONFIRM, PasswordResetConfirmForm};
use crate::throttle;

const FIELDS: [&str; 2] = ["new_password1", "new_password2"];

pub(super) async fn show(request: &ApiRequest, speech: Speech<'_>) -> Result<Reply, AuthError> {
    let (uid, token) = (request.path_text("uid"), request.path_text("token"));
    if !password_reset::is_open(request.auth(), uid, token).await? {
        return Ok(dead(StatusCode::NOT_FOUND, speech, speech.words.ask_again));
    }
    Ok(form(StatusCode::OK, speech, &FieldErrors::new()))
}

pub(super) async fn post(request: &ApiRequest, speech: Speech<'_>) -> Result<Reply, ApiError> {
    throttle::check(request, &PASSWORD_RESET_CONFIRM).await?;
    let words = speech.words;
    let link = [("uid", request.path_text("uid")), ("token", request.path_text("token"))];
    let input = Input::of_texts(typed(request, &FIELDS, &link)?);
    let Err(errors) = confirm(request, &input).await? else {
        return Ok(speech.says(StatusCode::OK, words.changed_title, words.log_in));
    };
    if link.iter().any(|(name, _)| errors.has(name)) {
        return Ok(dead(StatusCode::BAD_REQUEST, speech, words.ask_again));
    }
    Ok(form(StatusCode::BAD_REQUEST, speech, &errors))
}

async fn confirm(request: &ApiRequest, input: &Input) -> Result<Result<(), FieldErrors>, ApiError> {
    let configuration = request.configuration();
    let form = Checked::<PasswordResetConfirmForm>::of(input, configuration, Completeness::Full)?;
    let form = match form.into_valid() {
        Ok(form) => form,
        Err(errors) => return Ok(Err(errors)),
    };
    let PasswordResetConfirmForm { new_password1, new_password2, uid, token, .. } = form;
    let new = NewPasswords { first: new_password1, again: new_password2 };
    let confirmation = ResetConfirmation { shown: ResetProof::Link { uid, token }, new };
    match password_reset::confirm(request.auth(), request.context(), confirmation).await {
        Ok(()) => Ok(Ok(())),
        Err(error) => Ok(Err(form_errors(error)?)),
    }
}

fn form(status: StatusCode, speech: Speech<'_>, errors: &FieldErrors) -> Reply {
    let words = speech.words;
    let labels = [words.new_password, words.new_password_again];
    let field = |(name, label)| Field::password(name, label).with_errors(errors, speech.language);
    let fields: Vec<_> = FIELDS.into_iter().zip(labels).map(field).collect();
    let problems = html::problems(errors, speech.language);
    let form = HtmlForm { fields: &fields, problems: &problems, button: words.reset_button, words };
    speech.page(status, words.reset_title, &form.written())
}
