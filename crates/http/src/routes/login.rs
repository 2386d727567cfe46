//! `login/`

use axum::http::Method;
use rest_auth_flows::limits::Action;
use rest_auth_flows::login::{self, PasswordLogin};

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::tag::Tag;
use crate::origin_check;
use crate::reply::Reply;
use crate::schemes;

pub(crate) const LOGIN: Endpoint = Endpoint {
    path: "login/",
    name: "Login",
    description: "Check the credentials and hand out what lets later requests in: JWTs, a token, \
                  a session, as the server is configured.",
    tag: Tag::Login,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", form)),
    operations: &[Operation::new(Method::POST, "login", "Log in", handler!(login), outcomes)],
};

fn outcomes(api: &Api) -> Vec<Outcome> {
    let done = outcome::logged_in(api);
    let limited = outcome::limited(api, &[Action::Login, Action::LoginFailed]);
    let refused = outcome::foreign_origin(api).into_iter().chain(limited);
    [done].into_iter().chain(refused).collect()
}

fn form(_: &Api) -> Form {
    Form(vec![
        FormField::text("username", "Username").optional().blankable(),
        FormField::email("email", "Email").optional().blankable(),
        FormField::text("password", "Password"),
    ])
}

async fn login(request: ApiRequest) -> Result<Reply, ApiError> {
    origin_check::refuse_foreign(&request)?;
    let input = Input::read(&request)?;
    let mut fields = form(request.api()).check(&input, Completeness::Full)?.into_valid()?;
    let login = PasswordLogin {
        username: fields.take("username"),
        email: fields.take("email"),
        password: fields.take("password"),
    };
    let outcome = login::with_password(request.auth(), request.context(), login).await?;
    schemes::logged_in(&request, outcome)
}
