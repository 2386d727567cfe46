//! `password/change/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::password_change::{self, PasswordChange};

use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Checked, FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const PASSWORD_CHANGE: Endpoint = Endpoint {
    path: "password/change/",
    name: "Password Change",
    description: "Change the password of the user who is logged in.",
    tag: Tag::Password,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", PasswordChangeForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "changePassword",
        "Change the password",
        handler!(change),
        answers,
    )],
};

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let by_session = configuration.accepts_sessions();
    let session = by_session.then(|| outcomes::session_cookie(configuration));
    let done = PossibleAnswer::sentence(StatusCode::OK, &Message::PasswordChanged);
    let done = done.cookies(Vec::from_iter(session));
    let has_proof = configuration.accounts.rest_auth.old_password_field_enabled;
    let refused = outcomes::reauthentication(configuration).filter(|_| !has_proof);
    let limited = outcomes::limited(configuration, &[Action::ChangePassword]);
    [done].into_iter().chain(refused).chain(limited).collect()
}

/// The longest password that these forms take, in characters.
pub(crate) const MAX_LENGTH: usize = 128;

form! {
    /// A new password, and the old one where it is asked for.
    pub(crate) struct PasswordChangeForm(configuration) {
        old_password: Option<String> = text()
            .at_most(MAX_LENGTH)
            .offered(configuration.accounts.rest_auth.old_password_field_enabled),
        new_password1: Option<String> = text().at_most(MAX_LENGTH),
        new_password2: Option<String> = text().at_most(MAX_LENGTH),
    }
}

async fn change(request: ApiRequest, form: Checked<PasswordChangeForm>) -> Result<Reply, ApiError> {
    let Checked { fields, errors } = form;
    let PasswordChangeForm { old_password, new_password1, new_password2 } = fields;
    let change = PasswordChange { old_password, new_password1, new_password2 };
    let (auth, context) = (request.auth(), request.context());
    let user = request.user()?.clone();
    let kept = password_change::change(auth, context, user, change, errors).await?;
    Ok(Reply::detail(StatusCode::OK, Message::PasswordChanged).renewing(kept))
}
