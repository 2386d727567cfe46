//! The page on which somebody who was invited registers.

use axum::http::StatusCode;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Caption;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::invitations;
use rest_auth_flows::registration::{self, INVITATION_CODE};

use super::html::{self, Field, HtmlForm};
use super::page::{Speech, dead, form_errors, typed};
use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::form::{Checked, Completeness, FormBody as _, FormField};
use crate::input::Input;
use crate::reply::Reply;
use crate::routes::registration::{REGISTRATION, RegistrationForm};
use crate::throttle;

/// What was typed, field by field.
type Typed = [(String, String)];

pub(super) async fn show(request: &ApiRequest, speech: Speech<'_>) -> Result<Reply, AuthError> {
    let found = invitations::find(request.auth(), request.path_text("code")).await?;
    let Some(invitation) = found else {
        return Ok(dead(StatusCode::NOT_FOUND, speech, speech.words.ask_inviter));
    };
    let given: Vec<_> =
        invitation.email.into_iter().map(|email| ("email".to_owned(), email)).collect();
    Ok(form(request, speech, StatusCode::OK, &given, &FieldErrors::new()))
}

pub(super) async fn post(request: &ApiRequest, speech: Speech<'_>) -> Result<Reply, ApiError> {
    throttle::check(request, &REGISTRATION).await?;
    let words = speech.words;
    let declared = RegistrationForm::declared(request.configuration());
    let names: Vec<&str> = declared.writable().map(|field| &*field.name).collect();
    let code = request.path_text("code");
    let typed = typed(request, &names, &[(INVITATION_CODE, code)])?;
    let input = Input::of_texts(typed.iter().cloned());
    let form_read =
        Checked::<RegistrationForm>::of(&input, request.configuration(), Completeness::Full)?;
    let Checked { fields, errors } = form_read;
    let (auth, context) = (request.auth(), request.context());
    let accepted = registration::accept_invitation(auth, context, fields.into(), errors).await;
    match accepted {
        Ok(true) => Ok(speech.says(StatusCode::CREATED, words.ready_title, words.log_in)),
        Ok(false) => Ok(speech.says(StatusCode::CREATED, words.ready_title, words.verify_first)),
        Err(error) => {
            let errors = form_errors(error)?;
            if errors.has(INVITATION_CODE) {
                return Ok(dead(StatusCode::BAD_REQUEST, speech, words.ask_inviter));
            }
            Ok(form(request, speech, StatusCode::BAD_REQUEST, &typed, &errors))
        }
    }
}

fn form(
    request: &ApiRequest,
    speech: Speech<'_>,
    status: StatusCode,
    typed: &Typed,
    errors: &FieldErrors,
) -> Reply {
    let words = speech.words;
    let declared = RegistrationForm::declared(request.configuration());
    let asked = declared.writable().filter(|field| field.name != INVITATION_CODE);
    let fields: Vec<_> = asked
        .map(|field| {
            let before = typed.iter().find(|(name, _)| *name == field.name);
            let shown = shown(field, speech).holding(before.map(|(_, text)| text.as_str()));
            shown.with_errors(errors, speech.language)
        })
        .collect();
    let problems = html::problems(errors, speech.language);
    let form =
        HtmlForm { fields: &fields, problems: &problems, button: words.invite_button, words };
    let content = html::paragraph(words.invite) + &form.written();
    speech.page(status, words.invite_title, &content)
}

/// A field for people, with the label that they know it by and what browsers fill in.
fn shown(field: &FormField, speech: Speech<'_>) -> Field {
    let (words, name) = (speech.words, field.name.to_string());
    let caption = |caption: Caption| html::capitalized(&caption.text(speech.language));
    let required = field.rule.required;
    match &*field.name {
        "username" => Field::text(name, caption(Caption::Username), "username"),
        "email" => Field::email(name, caption(Caption::EmailAddress)),
        "first_name" => Field::text(name, caption(Caption::FirstName), "given-name"),
        "last_name" => Field::text(name, caption(Caption::LastName), "family-name"),
        "password1" => Field::password(&name, words.password),
        "password2" => Field::password(&name, words.password_again),
        _ => Field::of_kind(field.kind, name, field.shown_label(speech.language).into_owned()),
    }
    .required(required)
}
