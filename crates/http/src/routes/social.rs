//! `<provider>/` and `<provider>/connect/`, of all providers but those of `social_token_secret`.

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::login::Outcome;
use rest_auth_flows::settings::account::EmailVerification;
use rest_auth_flows::social::{self, Connected, ProviderProof, SocialOutcome};

use crate::answers::SignUpStep;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Handler, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const SOCIAL_LOGIN: Endpoint = Endpoint {
    path: "{provider}/",
    name: "Social Login",
    description: "",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", SocialLoginForm::declared)),
    operations: &[login_operation("loginWith{provider}", handler!(login))],
};

pub(crate) const SOCIAL_CONNECT: Endpoint = Endpoint {
    path: "{provider}/connect/",
    name: "Social Connect",
    description: "",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", SocialLoginForm::declared)),
    operations: &[connect_operation("connect{provider}", handler!(connect))],
};

/// A login by fields that `handler` reads.
pub(super) const fn login_operation(id: &'static str, handler: Handler) -> Operation {
    Operation::new(Method::POST, id, "Log in with {provider}", handler, login_answers)
        .issuing_credentials()
        .checking_origin()
}

/// A connection by fields that `handler` reads.
pub(super) const fn connect_operation(id: &'static str, handler: Handler) -> Operation {
    let summary = "Connect an account at {provider}";
    Operation::new(Method::POST, id, summary, handler, connect_answers).issuing_credentials()
}

form! {
    /// What an app or a page got from a provider.
    pub(crate) struct SocialLoginForm(configuration) {
        access_token: String = text().optional().blankable(),
        code: String = text().optional().blankable(),
        id_token: String = text().optional().blankable(),
        code_verifier: String = text().optional().blankable().offered(extends(configuration)),
        callback_url: String = text().optional().blankable().offered(extends(configuration)),
        nonce: String = text().optional().blankable().offered(extends(configuration)),
        device_id: String = text().optional().blankable().offered(extends(configuration)),
    }
}

/// Whether there are fields that dj-rest-auth does not have.
fn extends(configuration: Configuration<'_>) -> bool {
    configuration.accounts.social.further_fields
}

/// What limits these logins.
const LIMITS: [Action; 2] = [Action::Login, Action::Signup];

fn login_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let step = configuration.accounts.social.signup_step.then(|| {
        let description = "There is no account yet: complete it at `social/signup/`.";
        PossibleAnswer::json::<SignUpStep<'_>>(StatusCode::OK, description)
    });
    let second = outcomes::second_step(configuration, StatusCode::OK);
    answers(configuration).into_iter().chain(second).chain(step).collect()
}

fn connect_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let stale = outcomes::reauthentication(configuration);
    answers(configuration).into_iter().chain(as_before(configuration)).chain(stale).collect()
}

/// The answer to a user whose login would stop at a step. Where logins answer nothing but cookies, it
/// is the same.
fn as_before(configuration: Configuration<'_>) -> Option<PossibleAnswer> {
    let accounts = configuration.accounts;
    let has_steps =
        accounts.apps.mfa || accounts.account.email_verification == EmailVerification::Mandatory;
    let has_body = accounts.rest_auth.use_jwt || accounts.rest_auth.token_model;
    let about = "Connected. The user goes on with the credentials of the request.";
    (has_steps && has_body).then(|| PossibleAnswer::no_content(about))
}

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = outcomes::credentials(configuration, StatusCode::OK);
    let closed = PossibleAnswer::sentence(StatusCode::FORBIDDEN, &Message::PermissionDenied)
        .describe("There is no account yet, and none can be made.");
    let down = PossibleAnswer::sentence(StatusCode::BAD_GATEWAY, &Message::ProviderUnavailable);
    let limited = outcomes::limited(configuration, &LIMITS);
    [done, closed, down].into_iter().chain(limited).collect()
}

async fn login(request: ApiRequest, form: SocialLoginForm) -> Result<Reply, ApiError> {
    log_in_with(&request, proof(form)).await
}

async fn connect(request: ApiRequest, form: SocialLoginForm) -> Result<Reply, ApiError> {
    connect_with(&request, proof(form)).await
}

/// Logs in with what an app or a page got.
pub(super) async fn log_in_with(
    request: &ApiRequest,
    proof: ProviderProof,
) -> Result<Reply, ApiError> {
    let provider = request.provider()?;
    match social::login(request.auth(), request.context(), provider, proof).await? {
        SocialOutcome::Login(outcome) => schemes::logged_in(request, outcome),
        SocialOutcome::SignUp(waiting) => Ok(Reply::json(&SignUpStep::from(&waiting))),
    }
}

/// Connects an account with what an app or a page got.
pub(super) async fn connect_with(
    request: &ApiRequest,
    proof: ProviderProof,
) -> Result<Reply, ApiError> {
    let provider = request.provider()?;
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let reply = match social::connect(auth, context, user, provider, proof).await? {
        Connected::LoggedIn(done) => schemes::logged_in(request, Outcome::LoggedIn(done))?,
        Connected::AsBefore => Reply::no_content(),
    };
    // As in dj-rest-auth, whose answer depends on the session even where it makes none.
    Ok(Reply { touched_session: true, ..reply })
}

fn proof(form: SocialLoginForm) -> ProviderProof {
    ProviderProof {
        access_token: form.access_token,
        code: form.code,
        id_token: form.id_token,
        code_verifier: form.code_verifier,
        redirect_uri: form.callback_url,
        nonce: form.nonce,
        device_id: form.device_id,
        ..ProviderProof::default()
    }
}
