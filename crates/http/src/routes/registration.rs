//! `registration/`, `registration/verify-email/` and `registration/resend-email/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::email_verification;
use rest_auth_flows::limits::Action;
use rest_auth_flows::registration::{self, INVITATION_CODE, Registered, Registration};
use rest_auth_flows::settings::account::EmailVerification;
use rest_auth_flows::settings::rest_auth::RegisterAccess;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::origin_check;
use crate::reply::{Body, Reply};
use crate::schemes;
use crate::settings::rest_framework::Authentication;

pub(crate) const REGISTRATION: Endpoint = Endpoint {
    path: "registration/",
    name: "Register",
    description: "Open an account.",
    tag: Tag::Registration,
    allow: "POST, OPTIONS",
    access: Access::Registration,
    scope: Some(SCOPE),
    form: Some(("POST", form)),
    operations: &[Operation::new(
        Method::POST,
        "register",
        "Open an account",
        handler!(register),
        register_outcomes,
    )],
};

pub(crate) const VERIFY_EMAIL: Endpoint = Endpoint {
    path: "registration/verify-email/",
    name: "Verify Email",
    description: "Verify the address that a key or code was mailed to.",
    tag: Tag::Registration,
    allow: "POST, OPTIONS, HEAD",
    access: Access::Anyone,
    scope: None,
    form: Some(("POST", verify_form)),
    operations: &[Operation::new(
        Method::POST,
        "verifyEmail",
        "Verify an address",
        handler!(verify),
        verify_outcomes,
    )],
};

pub(crate) const RESEND_EMAIL: Endpoint = Endpoint {
    path: "registration/resend-email/",
    name: "Resend Email Verification",
    description: "Mail another key or code. The answer is the same for every address.",
    tag: Tag::Registration,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: None,
    form: Some(("POST", resend_form)),
    operations: &[Operation::new(
        Method::POST,
        "resendVerificationEmail",
        "Ask for another verification mail",
        handler!(resend),
        resend_outcomes,
    )],
};

fn register_outcomes(api: &Api) -> Vec<Outcome> {
    let settings = api.auth().settings();
    let is_mandatory = settings.account.email_verification == EmailVerification::Mandatory;
    let access = settings.rest_auth.register;
    let sent = Outcome::sentence(StatusCode::CREATED, &Message::VerificationSent);
    let barred = Outcome::sentence(StatusCode::FORBIDDEN, &Message::PermissionDenied);
    let done = match access {
        RegisterAccess::Closed => vec![barred.clone()],
        _ if is_mandatory && access != RegisterAccess::Invite => vec![sent],
        RegisterAccess::Authenticated | RegisterAccess::Staff => {
            let user = schemas::user(api);
            vec![Outcome::json(StatusCode::CREATED, "The user who was made.", user)]
        }
        // An invitation that was mailed has verified the address.
        RegisterAccess::Invite if is_mandatory => vec![sent, outcome::registered(api)],
        RegisterAccess::Open | RegisterAccess::Invite => vec![outcome::registered(api)],
    };
    let barred = (access == RegisterAccess::Staff).then_some(barred);
    let limited = outcome::limited(api, &[Action::Signup]);
    let refused = [barred, outcome::foreign_origin(api), limited].into_iter().flatten();
    done.into_iter().chain(refused).collect()
}

/// A wrong code is an error of its field; those need no outcome.
fn verify_outcomes(api: &Api) -> Vec<Outcome> {
    let by_session = api.schemes().classes().contains(&Authentication::Session);
    let replaces = api.auth().settings().account.change_email;
    let session = (by_session && replaces).then(|| outcome::session_cookie(api));
    let done = Outcome::sentence(StatusCode::OK, &Message::Acknowledged);
    let done = done.cookies(Vec::from_iter(session));
    if verifies_by_code(api) {
        return vec![done];
    }
    let unknown = "The key is unknown, expired or used.";
    vec![done, Outcome::json(StatusCode::NOT_FOUND, unknown, schemas::detail())]
}

fn verifies_by_code(api: &Api) -> bool {
    api.auth().settings().account.email_verification_by_code_enabled
}

fn resend_outcomes(api: &Api) -> Vec<Outcome> {
    let done = Outcome::sentence(StatusCode::OK, &Message::Acknowledged);
    [done].into_iter().chain(outcome::limited(api, &[Action::ResendEmail])).collect()
}

fn form(api: &Api) -> Form {
    let settings = api.auth().settings();
    let by_invitation = settings.rest_auth.register == RegisterAccess::Invite;
    let extra = settings.user.extra_fields.iter().filter(|field| !field.read_only);
    let settings = &settings.account;
    let asked = |name| settings.signup_fields.demand(name).is_required();
    let min_length = usize::try_from(settings.username_min_length).unwrap_or(1);
    let username = FormField::text("username", "Username").at_least(min_length).at_most(150);
    let own = [
        username.required(asked("username")),
        // An invitation may have the address.
        FormField::email("email", "Email").required(asked("email") && !by_invitation),
        FormField::text("password1", "Password1"),
        FormField::text("password2", "Password2"),
    ];
    let code = FormField::text(INVITATION_CODE, "Invitation code").at_most(200);
    let code = by_invitation.then_some(code);
    Form(own.into_iter().chain(extra.map(FormField::extra)).chain(code).collect())
}

fn verify_form(api: &Api) -> Form {
    if verifies_by_code(api) {
        return Form(vec![FormField::email("email", "Email"), FormField::text("code", "Code")]);
    }
    Form(vec![FormField::text("key", "Key")])
}

fn resend_form(api: &Api) -> Form {
    let demand = api.auth().settings().account.signup_fields.demand("email");
    Form(vec![FormField::email("email", "Email").required(demand.is_required())])
}

async fn register(request: ApiRequest) -> Result<Reply, ApiError> {
    origin_check::refuse_foreign(&request)?;
    let input = Input::read(&request)?;
    let mut checked = form(request.api()).check(&input, Completeness::Full)?;
    let registration = Registration {
        username: checked.take("username"),
        email: checked.take("email"),
        password1: checked.take("password1"),
        password2: checked.take("password2"),
        fields: checked.take_changes(request.auth().settings().user.extra_fields.iter()),
        invitation_code: checked.take(INVITATION_CODE),
    };
    let (auth, context) = (request.auth(), request.context());
    let asked_by = request.caller().user.as_ref();
    let registered =
        registration::register(auth, context, asked_by, registration, checked.errors).await?;
    Ok(match registered {
        Registered::VerificationSent => {
            Reply::detail(StatusCode::CREATED, Message::VerificationSent)
        }
        Registered::LoggedIn(done) => schemes::registered(&request, *done),
        Registered::ForAnother(user, fields) => {
            let document = schemes::user_document(&user, fields);
            Reply::new(StatusCode::CREATED, Body::Json(document))
        }
    })
}

async fn verify(request: ApiRequest) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let form = verify_form(request.api());
    let mut fields = form.check(&input, Completeness::Full)?.into_valid()?;
    let (auth, context) = (request.auth(), request.context());
    let renewed = if verifies_by_code(request.api()) {
        let (email, code) = (fields.take("email"), fields.take("code"));
        email_verification::verify_code(auth, context, &email, &code).await?
    } else {
        email_verification::verify(auth, context, &fields.take("key")).await?
    };
    Ok(Reply::detail(StatusCode::OK, Message::Acknowledged).renewing(renewed))
}

async fn resend(request: ApiRequest) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let form = resend_form(request.api());
    let mut fields = form.check(&input, Completeness::Full)?.into_valid()?;
    let address = fields.take("email");
    email_verification::resend(request.auth(), request.context(), &address).await?;
    Ok(Reply::detail(StatusCode::OK, Message::Acknowledged))
}
