//! `social/signup/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::social::sign_up::{self, Completed, Completion};

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

pub(crate) const SOCIAL_SIGNUP: Endpoint = Endpoint {
    path: "social/signup/",
    name: "Social Signup",
    description: "Complete the account of a login at a provider that stopped because something was \
                  missing.",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", SignupForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "completeSocialSignup",
        "Complete an account",
        handler!(complete),
        answers,
    )
    .issuing_credentials()
    .checking_origin()],
};

form! {
    /// The token, and what was missing.
    pub(crate) struct SignupForm(_) {
        signup_token: String = text(),
        #[validate(custom(function = "email_address"))]
        email: String = email().optional().blankable(),
        username: String = text().optional().blankable().at_most(150),
        code_verifier: String = text().optional().blankable(),
    }
}

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = outcomes::credentials(configuration, StatusCode::OK);
    let sent = PossibleAnswer::sentence(StatusCode::CREATED, &Message::VerificationSent);
    let closed = PossibleAnswer::sentence(StatusCode::FORBIDDEN, &Message::PermissionDenied)
        .describe("Nobody may register.");
    let step = outcomes::second_step(configuration, StatusCode::OK);
    let limited = outcomes::limited(configuration, &[Action::Signup]);
    [done, sent, closed].into_iter().chain(step).chain(limited).collect()
}

async fn complete(request: ApiRequest, form: SignupForm) -> Result<Reply, ApiError> {
    let SignupForm { signup_token, email, username, code_verifier } = form;
    let completion = Completion { token: signup_token, email, username, code_verifier };
    match sign_up::complete(request.auth(), request.context(), completion).await? {
        Completed::Login(outcome) => schemes::logged_in(&request, outcome),
        Completed::VerificationSent => {
            Ok(Reply::detail(StatusCode::CREATED, Message::VerificationSent))
        }
    }
}
