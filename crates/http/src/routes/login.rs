//! `login/`

use axum::http::{Method, StatusCode};
use rest_auth_flows::limits::Action;
use rest_auth_flows::login::{self, PasswordLogin};

use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, email, email_address, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const LOGIN: Endpoint = Endpoint {
    path: "login/",
    name: "Login",
    description: "Check the credentials and return credentials for later requests: JWTs or a token, \
                  and a session, depending on the configuration.",
    tag: Tag::Login,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", LoginForm::declared)),
    operations: &[Operation::new(Method::POST, "login", "Log in", handler!(login), answers)
        .issuing_credentials()
        .checking_origin()],
};

form! {
    /// The body of a login: a name or an address, and the password.
    pub(crate) struct LoginForm(_) {
        username: String = text().optional().blankable(),
        #[validate(custom(function = "email_address"))]
        email: String = email().optional().blankable(),
        password: String = text(),
    }
}

/// What limits logins.
const LIMITS: [Action; 5] = [
    Action::Login,
    Action::LoginFailed,
    Action::LoginFailedAccount,
    Action::LoginCode,
    Action::RequestLoginCode,
];

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = outcomes::credentials(configuration, StatusCode::OK);
    let step = outcomes::second_step(configuration, StatusCode::OK);
    let limited = outcomes::limited(configuration, &LIMITS);
    [done].into_iter().chain(step).chain(limited).collect()
}

async fn login(request: ApiRequest, form: LoginForm) -> Result<Reply, ApiError> {
    let LoginForm { username, email, password } = form;
    let login = PasswordLogin { username, email, password };
    let outcome = login::with_password(request.auth(), request.context(), login).await?;
    schemes::logged_in(&request, outcome)
}
