//! `password/change/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::password_change::{self, PasswordChange};

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::tag::Tag;
use crate::reply::Reply;
use crate::settings::rest_framework::Authentication;

pub(crate) const PASSWORD_CHANGE: Endpoint = Endpoint {
    path: "password/change/",
    name: "Password Change",
    description: "Set a new password for oneself.",
    tag: Tag::Password,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", form)),
    operations: &[Operation::new(
        Method::POST,
        "changePassword",
        "Change one's password",
        handler!(change),
        outcomes,
    )],
};

fn outcomes(api: &Api) -> Vec<Outcome> {
    let by_session = api.schemes().classes().contains(&Authentication::Session);
    let session = by_session.then(|| outcome::session_cookie(api));
    let done = Outcome::sentence(StatusCode::OK, &Message::PasswordChanged);
    let done = done.cookies(Vec::from_iter(session));
    [done].into_iter().chain(outcome::limited(api, &[Action::ChangePassword])).collect()
}

/// The longest password that these forms take, in characters.
pub(crate) const MAX_LENGTH: usize = 128;

fn form(api: &Api) -> Form {
    let mut fields = vec![
        FormField::text("new_password1", "New password1").at_most(MAX_LENGTH),
        FormField::text("new_password2", "New password2").at_most(MAX_LENGTH),
    ];
    if api.auth().settings().rest_auth.old_password_field_enabled {
        fields.insert(0, FormField::text("old_password", "Old password").at_most(MAX_LENGTH));
    }
    Form(fields)
}

async fn change(request: ApiRequest) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let mut checked = form(request.api()).check(&input, Completeness::Full)?;
    let change = PasswordChange {
        old_password: checked.take("old_password"),
        new_password1: checked.take("new_password1"),
        new_password2: checked.take("new_password2"),
    };
    let (auth, context) = (request.auth(), request.context());
    let user = request.user()?.clone();
    let kept = password_change::change(auth, context, user, change, checked.errors).await?;
    Ok(Reply::detail(StatusCode::OK, Message::PasswordChanged).renewing(kept))
}
