//! `registration/`, `registration/verify-email/` and `registration/resend-email/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::email_verification;
use rest_auth_flows::limits::Action;
use rest_auth_flows::registration::{self, Place, Registered, Registration};
use rest_auth_flows::settings::account::EmailVerification;

use super::login;
use crate::endpoint::{Access, Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::origin_check;
use crate::reply::Reply;
use crate::schemes;
use crate::settings::rest_framework::Authentication;
use crate::site::Site;
use crate::visit::Visit;

pub(crate) const REGISTRATION: Endpoint = Endpoint {
    path: "registration/",
    name: "Register",
    description: "Open an account.",
    tag: Tag::Registration,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", form)),
    operations: &[Operation::new(
        Method::POST,
        "register",
        "Open an account",
        handler!(register),
        register_outcomes,
    )],
};

pub(crate) const VERIFY_EMAIL: Endpoint = Endpoint {
    path: "registration/verify-email/",
    name: "Verify Email",
    description: "Verify the address that a key was mailed to.",
    tag: Tag::Registration,
    allow: "POST, OPTIONS, HEAD",
    access: Access::Anyone,
    scope: None,
    form: Some(("POST", verify_form)),
    operations: &[Operation::new(
        Method::POST,
        "verifyEmail",
        "Verify an address",
        handler!(verify),
        verify_outcomes,
    )],
};

pub(crate) const RESEND_EMAIL: Endpoint = Endpoint {
    path: "registration/resend-email/",
    name: "Resend Email Verification",
    description: "Mail another key. The answer is the same for every address.",
    tag: Tag::Registration,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: None,
    form: Some(("POST", resend_form)),
    operations: &[Operation::new(
        Method::POST,
        "resendVerificationEmail",
        "Ask for another verification mail",
        handler!(resend),
        resend_outcomes,
    )],
};

fn register_outcomes(site: &Site) -> Vec<Outcome> {
    let done = match site.auth().settings().account.email_verification {
        EmailVerification::Mandatory => {
            Outcome::sentence(StatusCode::CREATED, &Message::VerificationSent)
        }
        _ => outcome::registered(site),
    };
    let limited = outcome::limited(site, &[Action::Signup]);
    [done].into_iter().chain(outcome::foreign_origin(site)).chain(limited).collect()
}

fn verify_outcomes(site: &Site) -> Vec<Outcome> {
    let unknown = "The key is unknown, expired or used.";
    let by_session = site.schemes().classes().contains(&Authentication::Session);
    let replaces = site.auth().settings().account.change_email;
    let session = (by_session && replaces).then(|| outcome::session_cookie(site));
    vec![
        Outcome::sentence(StatusCode::OK, &Message::Acknowledged).cookies(Vec::from_iter(session)),
        Outcome::json(StatusCode::NOT_FOUND, unknown, schemas::detail()),
    ]
}

fn resend_outcomes(site: &Site) -> Vec<Outcome> {
    let done = Outcome::sentence(StatusCode::OK, &Message::Acknowledged);
    [done].into_iter().chain(outcome::limited(site, &[Action::ResendEmail])).collect()
}

fn form(site: &Site) -> Form {
    let settings = &site.auth().settings().account;
    let asked = |name| settings.signup_fields.demand(name).is_required();
    let min_length = usize::try_from(settings.username_min_length).unwrap_or(1);
    let username = FormField::text("username", "Username").at_least(min_length).at_most(150);
    Form(vec![
        username.required(asked("username")),
        FormField::email("email", "Email").required(asked("email")),
        FormField::text("password1", "Password1"),
        FormField::text("password2", "Password2"),
    ])
}

fn verify_form(_: &Site) -> Form {
    Form(vec![FormField::text("key", "Key")])
}

fn resend_form(site: &Site) -> Form {
    let demand = site.auth().settings().account.signup_fields.demand("email");
    Form(vec![FormField::email("email", "Email").required(demand.is_required())])
}

async fn register(visit: Visit) -> Result<Reply, ApiError> {
    origin_check::refuse_foreign(&visit)?;
    let input = Input::read(&visit)?;
    let mut checked = form(visit.site()).check(&input, Completeness::Whole)?;
    let registration = Registration {
        username: checked.take("username"),
        email: checked.take("email"),
        password1: checked.take("password1"),
        password2: checked.take("password2"),
    };
    let place = Place {
        origin: login::origin(&visit),
        links: visit.link_base(),
        language: visit.language().code(),
    };
    let registered =
        registration::register(visit.auth(), registration, checked.errors, place).await?;
    Ok(match registered {
        Registered::VerificationSent => {
            Reply::detail(StatusCode::CREATED, Message::VerificationSent)
        }
        Registered::LoggedIn(done) => schemes::registered(&visit, *done),
    })
}

async fn verify(visit: Visit) -> Result<Reply, ApiError> {
    let input = Input::read(&visit)?;
    let form = verify_form(visit.site());
    let mut fields = form.check(&input, Completeness::Whole)?.all_fine()?;
    let with = schemes::asked_with(&visit);
    let renewed = email_verification::verify(visit.auth(), &fields.take("key"), &with).await?;
    Ok(Reply::detail(StatusCode::OK, Message::Acknowledged).renewing(renewed))
}

async fn resend(visit: Visit) -> Result<Reply, ApiError> {
    let input = Input::read(&visit)?;
    let form = resend_form(visit.site());
    let mut fields = form.check(&input, Completeness::Whole)?.all_fine()?;
    let address = fields.take("email");
    let language = visit.language().code();
    let base = visit.link_base();
    email_verification::resend(visit.auth(), &address, visit.client(), &base, language).await?;
    Ok(Reply::detail(StatusCode::OK, Message::Acknowledged))
}
