//! `user/`

use axum::http::{Method, StatusCode};
use rest_auth_flows::user_details::{self, Changes};

use crate::endpoint::{Access, Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField, Kind};
use crate::input::Input;
use crate::openapi::outcome::Outcome;
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::reply::Reply;
use crate::schemes::user_document;
use crate::site::Site;
use crate::visit::Visit;

pub(crate) const USER: Endpoint = Endpoint {
    path: "user/",
    name: "User Details",
    description: "Show and change one's own name. The e-mail address is shown only.",
    tag: Tag::User,
    allow: "GET, PUT, PATCH, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: Some(("PUT", form)),
    operations: &[
        Operation::new(Method::GET, "userDetails", "Show oneself", handler!(show), outcomes),
        Operation::new(
            Method::PUT,
            "replaceUser",
            "Set one's whole name",
            handler!(replace),
            outcomes,
        ),
        Operation::new(
            Method::PATCH,
            "updateUser",
            "Change parts of one's name",
            handler!(change),
            outcomes,
        ),
    ],
};

fn outcomes(site: &Site) -> Vec<Outcome> {
    vec![Outcome::json(StatusCode::OK, "The user as it is now.", schemas::user(site))]
}

const USERNAME_HELP: &str =
    "Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.";

pub(crate) fn form(_: &Site) -> Form {
    Form(vec![
        FormField::read_only("pk", "ID", Kind::Integer),
        FormField::text("username", "Username").at_most(150).help(USERNAME_HELP),
        FormField::read_only("email", "Email address", Kind::Email),
        FormField::text("first_name", "First name").optional().blankable().at_most(150),
        FormField::text("last_name", "Last name").optional().blankable().at_most(150),
    ])
}

async fn show(visit: Visit) -> Result<Reply, ApiError> {
    Ok(Reply::json(user_document(visit.user()?)))
}

async fn replace(visit: Visit) -> Result<Reply, ApiError> {
    update(visit, Completeness::Whole).await
}

async fn change(visit: Visit) -> Result<Reply, ApiError> {
    update(visit, Completeness::Partial).await
}

async fn update(visit: Visit, completeness: Completeness) -> Result<Reply, ApiError> {
    let input = Input::read(&visit)?;
    let mut checked = form(visit.site()).check(&input, completeness)?;
    let changes = Changes {
        username: checked.take("username"),
        first_name: checked.take("first_name"),
        last_name: checked.take("last_name"),
    };
    let user = visit.user()?.clone();
    let user = user_details::update(visit.auth(), user, changes, checked.errors).await?;
    Ok(Reply::json(user_document(&user)))
}
