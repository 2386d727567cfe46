//! `user/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::account_deletion;
use rest_auth_flows::limits::Action;
use rest_auth_flows::user_details::{self, Changes};
use rest_auth_flows::{User, user_fields};

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField, Kind};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::reply::Reply;
use crate::schemes::{self, user_document};

pub(crate) const USER: Endpoint = Endpoint {
    path: "user/",
    name: "User Details",
    description: "Show and change one's own name. The e-mail address is shown only.",
    tag: Tag::User,
    allow: "GET, PUT, PATCH, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: Some(("PUT", form)),
    operations: &[SHOW, REPLACE, CHANGE],
};

/// The same where users may delete themselves.
pub(crate) const USER_WITH_DELETION: Endpoint = Endpoint {
    allow: "GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    operations: &[SHOW, REPLACE, CHANGE, DELETE],
    ..USER
};

const SHOW: Operation =
    Operation::new(Method::GET, "userDetails", "Show oneself", handler!(show), outcomes);

const REPLACE: Operation =
    Operation::new(Method::PUT, "replaceUser", "Set one's whole name", handler!(replace), outcomes);

const CHANGE: Operation = Operation::new(
    Method::PATCH,
    "updateUser",
    "Change parts of one's name",
    handler!(change),
    outcomes,
);

const DELETE: Operation = Operation::new(
    Method::DELETE,
    "deleteUser",
    "Delete one's account, with all that belongs to it",
    handler!(delete),
    deletion_outcomes,
)
.taking(deletion_form);

fn outcomes(api: &Api) -> Vec<Outcome> {
    vec![Outcome::json(StatusCode::OK, "The user as it is now.", schemas::user(api))]
}

fn deletion_outcomes(api: &Api) -> Vec<Outcome> {
    let session = api.auth().settings().rest_auth.session_login;
    let session = session.then(|| outcome::session_cookie(api));
    let cookies = outcome::jwt_cookies(api).into_iter().chain(session).collect();
    let gone = Outcome::no_content("The account is gone, and nobody is logged in to it.");
    let stays = "The account cannot be deleted: nobody else could administer the server, or other \
                 data depends on it.";
    let outcomes = [
        gone.cookies(cookies),
        Outcome::json(StatusCode::FORBIDDEN, stays, schemas::detail()),
        Outcome::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
            .describe("Another request deleted the account."),
    ];
    outcomes.into_iter().chain(outcome::limited(api, &[Action::ChangePassword])).collect()
}

fn deletion_form(_: &Api) -> Form {
    Form(vec![FormField::text("password", "Password").optional()])
}

const USERNAME_HELP: &str =
    "Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.";

pub(crate) fn form(api: &Api) -> Form {
    let own = [
        FormField::read_only("pk", "ID", Kind::Integer),
        FormField::text("username", "Username").at_most(150).help(USERNAME_HELP),
        FormField::read_only("email", "Email address", Kind::Email),
        FormField::text("first_name", "First name").optional().blankable().at_most(150),
        FormField::text("last_name", "Last name").optional().blankable().at_most(150),
    ];
    let extra = api.auth().settings().user.extra_fields.iter().map(FormField::extra);
    Form(own.into_iter().chain(extra).collect())
}

async fn show(request: ApiRequest) -> Result<Reply, ApiError> {
    shown(&request, request.user()?).await
}

async fn shown(request: &ApiRequest, user: &User) -> Result<Reply, ApiError> {
    let fields = user_fields::of(request.auth(), user.id).await?;
    Ok(Reply::json(user_document(user, fields)))
}

async fn replace(request: ApiRequest) -> Result<Reply, ApiError> {
    update(request, Completeness::Full).await
}

async fn change(request: ApiRequest) -> Result<Reply, ApiError> {
    update(request, Completeness::Partial).await
}

async fn update(request: ApiRequest, completeness: Completeness) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let mut checked = form(request.api()).check(&input, completeness)?;
    let changes = Changes {
        username: checked.take("username"),
        first_name: checked.take("first_name"),
        last_name: checked.take("last_name"),
        fields: checked.take_changes(request.auth().settings().user.extra_fields.iter()),
    };
    let user = request.user()?.clone();
    let user = user_details::update(request.auth(), user, changes, checked.errors).await?;
    shown(&request, &user).await
}

async fn delete(request: ApiRequest) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let mut checked = deletion_form(request.api()).check(&input, Completeness::Full)?;
    let password = checked.take("password");
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    account_deletion::delete(auth, context, user, password, checked.errors).await?;
    Ok(schemes::deleted(&request, Reply::no_content()))
}
