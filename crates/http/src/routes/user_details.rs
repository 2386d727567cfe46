//! `user/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::{Caption, Message};
use rest_auth_flows::User;
use rest_auth_flows::account_deletion;
use rest_auth_flows::limits::Action;
use rest_auth_flows::user_details::{self, Changes};
use rest_auth_flows::user_fields::{self, FieldChange};

use crate::answers::{Detail, UserDetails};
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{
    Checked, FieldKind, FormBody as _, ShownOnly, current_password, extra, form, read_only, text,
};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const USER: Endpoint = Endpoint {
    path: "user/",
    name: "User Details",
    description: "Show or change the user who is logged in. The e-mail address cannot be changed here.",
    tag: Tag::User,
    allow: "GET, PUT, PATCH, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: Some(("PUT", UserForm::declared)),
    operations: &[SHOW, REPLACE, CHANGE],
};

/// The same where users may delete themselves.
pub(crate) const USER_WITH_DELETION: Endpoint = Endpoint {
    allow: "GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    operations: &[SHOW, REPLACE, CHANGE, DELETE],
    ..USER
};

const SHOW: Operation =
    Operation::new(Method::GET, "getUser", "Show the user", handler!(show), answers);

const REPLACE: Operation =
    Operation::new(Method::PUT, "replaceUser", "Change the user", handler!(update), change_answers);

const CHANGE: Operation = Operation::new(
    Method::PATCH,
    "updateUser",
    "Change parts of the user",
    handler!(update),
    change_answers,
);

const DELETE: Operation = Operation::new(
    Method::DELETE,
    "deleteUser",
    "Delete the account and all its data",
    handler!(delete),
    deletion_answers,
)
.taking(UserDeletionForm::declared);

form! {
    /// The user: the columns that dj-rest-auth shows, and the fields that the configuration adds.
    pub(crate) struct UserForm(configuration) {
        pk: ShownOnly = read_only(FieldKind::Integer).label(Caption::Id),
        username: Option<String> = text()
            .at_most(150)
            .kept()
            .label(Caption::Username)
            .translated_help(Caption::UsernameHelp),
        email: ShownOnly = read_only(FieldKind::Email).label(Caption::EmailAddress),
        first_name: Option<String> =
            text().optional().blankable().at_most(150).label(Caption::FirstName),
        last_name: Option<String> =
            text().optional().blankable().at_most(150).label(Caption::LastName),
        extra: Vec<FieldChange> = extra(configuration.accounts.user.extra_fields.iter()),
        current_password: Option<String> = current_password(configuration),
    }
}

form! {
    /// The password of the account that is to be deleted.
    pub(crate) struct UserDeletionForm(_) {
        password: Option<String> = text().optional(),
    }
}

fn answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::json::<UserDetails<'_>>(StatusCode::OK, "The user.")]
}

fn change_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let refused = outcomes::reauthentication(configuration);
    let limited = outcomes::limited(configuration, &[Action::ChangeUsername]);
    answers(configuration).into_iter().chain(refused).chain(limited).collect()
}

fn deletion_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let session = configuration.accounts.rest_auth.session_login;
    let session = session.then(|| outcomes::session_cookie(configuration));
    let cookies = outcomes::jwt_cookies(configuration).into_iter().chain(session).collect();
    let gone = PossibleAnswer::no_content("The account is deleted, and all its logins have ended.");
    let stays = "The account cannot be deleted: nobody else could administer the server, or other \
                 data depends on it.";
    let answers = [
        gone.cookies(cookies),
        PossibleAnswer::json::<Detail>(StatusCode::FORBIDDEN, stays),
        PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
            .describe("Another request deleted the account."),
    ];
    let refused = outcomes::reauthentication(configuration);
    let limited = outcomes::limited(configuration, &[Action::ChangePassword]);
    answers.into_iter().chain(refused).chain(limited).collect()
}

async fn show(request: ApiRequest) -> Result<Reply, ApiError> {
    shown(&request, request.user()?).await
}

async fn shown(request: &ApiRequest, user: &User) -> Result<Reply, ApiError> {
    let fields = user_fields::of(request.auth(), user.id).await?;
    Ok(Reply::json(&UserDetails::new(user, fields)))
}

/// PUT and PATCH differ in the required fields only, which the form has checked.
async fn update(request: ApiRequest, form: Checked<UserForm>) -> Result<Reply, ApiError> {
    let Checked { fields, errors } = form;
    let UserForm { username, first_name, last_name, extra, current_password, .. } = fields;
    let changes = Changes { username, first_name, last_name, fields: extra, current_password };
    let user = request.user()?.clone();
    let (auth, context) = (request.auth(), request.context());
    let user = user_details::update(auth, context, user, changes, errors).await?;
    shown(&request, &user).await
}

async fn delete(request: ApiRequest, form: Checked<UserDeletionForm>) -> Result<Reply, ApiError> {
    let Checked { fields: UserDeletionForm { password }, errors } = form;
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    account_deletion::delete(auth, context, user, password, errors).await?;
    Ok(schemes::deleted(&request, Reply::no_content()))
}
