//! `emails/`, `emails/{id}/` and `emails/{id}/resend/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::emails::{self, Address, Choice, NewEmail, Removal};
use rest_auth_flows::limits::Action;
use serde_json::{Value, json};

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::reply::Reply;
use crate::settings::rest_framework::Authentication;

pub(crate) const EMAILS: Endpoint = Endpoint {
    path: "emails/",
    name: "Email List",
    description: "Show one's e-mail addresses and add one, which a mailed key then verifies.",
    tag: Tag::Emails,
    allow: "GET, POST, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: Some(("POST", add_form)),
    operations: &[
        Operation::new(
            Method::GET,
            "listEmails",
            "List one's addresses",
            handler!(list),
            list_outcomes,
        ),
        Operation::new(Method::POST, "addEmail", "Add an address", handler!(add), add_outcomes),
    ],
};

pub(crate) const EMAIL: Endpoint = Endpoint {
    path: "emails/{id}/",
    name: "Email",
    description: "Make an address the one that mail goes to, or remove it.",
    tag: Tag::Emails,
    allow: "PATCH, DELETE, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: Some(("PATCH", choose_form)),
    operations: &[
        Operation::new(
            Method::PATCH,
            "chooseEmail",
            "Make an address the primary one",
            handler!(choose),
            choose_outcomes,
        ),
        Operation::new(
            Method::DELETE,
            "removeEmail",
            "Remove an address",
            handler!(remove),
            remove_outcomes,
        )
        .taking(remove_form),
    ],
};

pub(crate) const EMAIL_RESEND: Endpoint = Endpoint {
    path: "emails/{id}/resend/",
    name: "Email Resend",
    description: "Mail another key to an address that is not verified yet.",
    tag: Tag::Emails,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: None,
    operations: &[Operation::new(
        Method::POST,
        "resendEmailKey",
        "Ask for another verification mail to an address",
        handler!(resend),
        resend_outcomes,
    )],
};

fn list_outcomes(_: &Api) -> Vec<Outcome> {
    let description = "The addresses, oldest first.";
    vec![Outcome::json(StatusCode::OK, description, schemas::email_addresses())]
}

fn add_outcomes(api: &Api) -> Vec<Outcome> {
    let description = "The new address. A key to verify it is on its way.";
    let added = Outcome::json(StatusCode::CREATED, description, schemas::email_address());
    [added, gone()].into_iter().chain(too_often(api)).collect()
}

fn choose_outcomes(api: &Api) -> Vec<Outcome> {
    let chosen = Outcome::json(StatusCode::OK, "The address as it is.", schemas::email_address());
    [chosen.cookies(renewed_session(api)), unknown()].into_iter().chain(too_often(api)).collect()
}

fn remove_outcomes(api: &Api) -> Vec<Outcome> {
    let removed = Outcome::no_content("The address is removed.").cookies(renewed_session(api));
    [removed, unknown()].into_iter().chain(too_often(api)).collect()
}

fn resend_outcomes(api: &Api) -> Vec<Outcome> {
    let sent = Outcome::sentence(StatusCode::OK, &Message::Acknowledged);
    [sent, unknown()].into_iter().chain(too_often(api)).collect()
}

fn unknown() -> Outcome {
    Outcome::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The user has no address of this id.")
}

fn gone() -> Outcome {
    Outcome::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The account was deleted meanwhile.")
}

fn too_often(api: &Api) -> Option<Outcome> {
    outcome::limited(api, &[Action::ManageEmail])
}

/// The cookie of a session that goes on under a new key.
fn renewed_session(api: &Api) -> Vec<String> {
    let by_session = api.schemes().classes().contains(&Authentication::Session);
    Vec::from_iter(by_session.then(|| outcome::session_cookie(api)))
}

fn add_form(api: &Api) -> Form {
    let email = FormField::email("email", "Email");
    Form([email].into_iter().chain(current_password(api)).collect())
}

fn choose_form(api: &Api) -> Form {
    let primary = FormField::boolean("primary", "Primary");
    Form([primary].into_iter().chain(current_password(api)).collect())
}

fn remove_form(api: &Api) -> Form {
    Form(Vec::from_iter(current_password(api)))
}

fn current_password(api: &Api) -> Option<FormField> {
    let is_asked = api.auth().settings().account.reauthentication_required;
    let field = FormField::text("current_password", "Current password").optional();
    is_asked.then(|| field.help("Required of users who have a password."))
}

async fn list(request: ApiRequest) -> Result<Reply, ApiError> {
    let addresses = emails::list(request.auth(), request.user()?).await?;
    Ok(Reply::json(addresses.iter().map(document).collect()))
}

async fn add(request: ApiRequest) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let mut checked = add_form(request.api()).check(&input, Completeness::Full)?;
    let form = NewEmail {
        email: checked.take("email"),
        current_password: checked.take("current_password"),
    };
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let address = emails::add(auth, context, user, form, checked.errors).await?;
    Ok(Reply { status: StatusCode::CREATED, ..Reply::json(document(&address)) })
}

async fn choose(request: ApiRequest) -> Result<Reply, ApiError> {
    let id = request.path_id()?;
    let input = Input::read(&request)?;
    let mut checked = choose_form(request.api()).check(&input, Completeness::Partial)?;
    let form = Choice {
        id,
        primary: checked.take_truth("primary"),
        current_password: checked.take("current_password"),
    };
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let chosen = emails::choose(auth, context, user, form, checked.errors).await?;
    Ok(Reply::json(document(&chosen.address)).renewing(chosen.session))
}

async fn remove(request: ApiRequest) -> Result<Reply, ApiError> {
    let id = request.path_id()?;
    let input = Input::read(&request)?;
    let mut checked = remove_form(request.api()).check(&input, Completeness::Full)?;
    let removal = Removal { id, current_password: checked.take("current_password") };
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let session = emails::remove(auth, context, user, removal, checked.errors).await?;
    Ok(Reply::no_content().renewing(session))
}

async fn resend(request: ApiRequest) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    emails::resend(auth, context, user, request.path_id()?).await?;
    Ok(Reply::detail(StatusCode::OK, Message::Acknowledged))
}

fn document(address: &Address) -> Value {
    let Address { id, user_id: _, email, verified, primary } = address;
    json!({"id": id, "email": email, "verified": verified, "primary": primary})
}
