//! `user/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::account_deletion;
use rest_auth_flows::limits::Action;
use rest_auth_flows::user_details::{self, Changes};
use rest_auth_flows::{User, user_fields};

use crate::endpoint::{Access, Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField, Kind};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::reply::{Reply, SessionOutcome};
use crate::schemes::{self, user_document};
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

fn outcomes(site: &Site) -> Vec<Outcome> {
    vec![Outcome::json(StatusCode::OK, "The user as it is now.", schemas::user(site))]
}

fn deletion_outcomes(site: &Site) -> Vec<Outcome> {
    let session = site.auth().settings().rest_auth.session_login;
    let session = session.then(|| outcome::session_cookie(site));
    let cookies = outcome::jwt_cookies(site).into_iter().chain(session).collect();
    let gone = Outcome::no_content("The account is gone, and nobody is logged in to it.");
    let stays = "The account cannot be deleted: nobody else could administer the server, or other \
                 data depends on it.";
    let outcomes = [
        gone.cookies(cookies),
        Outcome::json(StatusCode::FORBIDDEN, stays, schemas::detail()),
        Outcome::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
            .describe("Another request deleted the account."),
    ];
    outcomes.into_iter().chain(outcome::limited(site, &[Action::ChangePassword])).collect()
}

fn deletion_form(_: &Site) -> Form {
    Form(vec![FormField::text("password", "Password").optional()])
}

const USERNAME_HELP: &str =
    "Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.";

pub(crate) fn form(site: &Site) -> Form {
    let own = [
        FormField::read_only("pk", "ID", Kind::Integer),
        FormField::text("username", "Username").at_most(150).help(USERNAME_HELP),
        FormField::read_only("email", "Email address", Kind::Email),
        FormField::text("first_name", "First name").optional().blankable().at_most(150),
        FormField::text("last_name", "Last name").optional().blankable().at_most(150),
    ];
    let extra = site.auth().settings().user.extra_fields.iter().map(FormField::extra);
    Form(own.into_iter().chain(extra).collect())
}

async fn show(visit: Visit) -> Result<Reply, ApiError> {
    shown(&visit, visit.user()?).await
}

async fn shown(visit: &Visit, user: &User) -> Result<Reply, ApiError> {
    let fields = user_fields::of(visit.auth(), user.id).await?;
    Ok(Reply::json(user_document(user, fields)))
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
        fields: checked.take_changes(visit.auth().settings().user.extra_fields.iter()),
    };
    let user = visit.user()?.clone();
    let user = user_details::update(visit.auth(), user, changes, checked.errors).await?;
    shown(&visit, &user).await
}

async fn delete(visit: Visit) -> Result<Reply, ApiError> {
    let input = Input::read(&visit)?;
    let mut checked = deletion_form(visit.site()).check(&input, Completeness::Whole)?;
    let password = checked.take("password");
    let place = (visit.client(), visit.language().code());
    let user = visit.user()?;
    account_deletion::delete(visit.auth(), user, password, checked.errors, place).await?;
    let reply = Reply::no_content().cookies(schemes::deleted_token_cookies(&visit));
    Ok(reply.session(SessionOutcome::Ended))
}
