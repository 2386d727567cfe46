//! `registration/`, `registration/verify-email/` and `registration/resend-email/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::email_verification;
use rest_auth_flows::limits::Action;
use rest_auth_flows::registration::{self, Registered, Registration};
use rest_auth_flows::settings::account::EmailVerification;
use rest_auth_flows::settings::mfa::RequiredOf;
use rest_auth_flows::settings::rest_auth::RegisterAccess;
use rest_auth_flows::settings::signup_fields::Demand;
use rest_auth_flows::user_fields::FieldChange;

use crate::answers::{Detail, UserDetails};
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Checked, FormBody as _, FormField, email, email_address, extra, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const REGISTRATION: Endpoint = Endpoint {
    path: "registration/",
    name: "Register",
    description: "Create an account.",
    tag: Tag::Registration,
    allow: "POST, OPTIONS",
    access: Access::Registration,
    scope: Some(SCOPE),
    form: Some(("POST", RegistrationForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "register",
        "Create an account",
        handler!(register),
        register_answers,
    )
    .issuing_credentials()
    .checking_origin()],
};

pub(crate) const VERIFY_EMAIL: Endpoint = Endpoint {
    path: "registration/verify-email/",
    name: "Verify Email",
    description: "Verify an e-mail address with the key or code that was mailed to it.",
    tag: Tag::Registration,
    allow: "POST, OPTIONS, HEAD",
    access: Access::Anyone,
    scope: None,
    form: Some(("POST", VerifyEmailForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "verifyEmail",
        "Verify an address",
        handler!(verify),
        verify_answers,
    )],
};

pub(crate) const RESEND_EMAIL: Endpoint = Endpoint {
    path: "registration/resend-email/",
    name: "Resend Email Verification",
    description: "Send another mail to verify an address. The answer is the same for every address.",
    tag: Tag::Registration,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: None,
    form: Some(("POST", ResendEmailForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "resendVerificationEmail",
        "Request another mail to verify an address",
        handler!(resend),
        resend_answers,
    )],
};

form! {
    /// A new account.
    pub(crate) struct RegistrationForm(configuration) {
        username: Option<String> = username(configuration),
        // The address may come from the invitation.
        #[validate(custom(function = "email_address"))]
        email: Option<String> =
            email().required(asks_for("email", configuration) && !by_invitation(configuration)),
        first_name: Option<String> = name("first_name", configuration),
        last_name: Option<String> = name("last_name", configuration),
        password1: Option<String> = text(),
        password2: Option<String> = text(),
        extra: Vec<FieldChange> = extra(
            configuration.accounts.user.extra_fields.iter().filter(|field| !field.read_only)
        ),
        invitation_code: Option<String> =
            text().at_most(200).offered(by_invitation(configuration)),
    }
}

impl From<RegistrationForm> for Registration {
    fn from(form: RegistrationForm) -> Self {
        let RegistrationForm {
            username,
            email,
            first_name,
            last_name,
            password1,
            password2,
            extra,
            invitation_code,
        } = form;
        Self {
            username,
            email,
            first_name,
            last_name,
            password1,
            password2,
            fields: extra,
            invitation_code,
        }
    }
}

form! {
    /// What was mailed to an address: a key, or a code.
    pub(crate) struct VerifyEmailForm(configuration) {
        #[validate(custom(function = "email_address"))]
        email: String = email().offered(verifies_by_code(configuration)),
        code: String = text().offered(verifies_by_code(configuration)),
        key: String = text().offered(!verifies_by_code(configuration)),
    }
}

form! {
    /// The address to mail another key or code to.
    pub(crate) struct ResendEmailForm(configuration) {
        #[validate(custom(function = "email_address"))]
        email: String = email().required(asks_for("email", configuration)),
    }
}

fn username(configuration: Configuration<'_>) -> FormField {
    let min_length = configuration.accounts.account.username_min_length;
    let field = text().at_least(usize::try_from(min_length).unwrap_or(1)).at_most(150);
    // Where sign-up is by address only, a name is made up.
    let demand = configuration.accounts.account.signup_fields.demand("username");
    field.required(demand == Demand::Required).offered(demand != Demand::Absent)
}

/// A column of the user that registration leaves empty unless it is listed.
fn name(field: &str, configuration: Configuration<'_>) -> FormField {
    let demand = configuration.accounts.account.signup_fields.demand(field);
    let name = text().at_most(150).required(demand == Demand::Required);
    let name = if demand == Demand::Required { name } else { name.blankable() };
    name.offered(demand != Demand::Absent)
}

fn asks_for(field: &str, configuration: Configuration<'_>) -> bool {
    configuration.accounts.account.signup_fields.demand(field).is_required()
}

fn by_invitation(configuration: Configuration<'_>) -> bool {
    configuration.accounts.rest_auth.register == RegisterAccess::Invite
}

fn register_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let settings = configuration.accounts;
    let is_mandatory = settings.account.email_verification == EmailVerification::Mandatory;
    let access = settings.rest_auth.register;
    let sent = PossibleAnswer::sentence(StatusCode::CREATED, &Message::VerificationSent);
    let barred = PossibleAnswer::sentence(StatusCode::FORBIDDEN, &Message::PermissionDenied);
    let logged_in = outcomes::credentials(configuration, StatusCode::CREATED);
    let done = match access {
        RegisterAccess::Closed => vec![barred.clone()],
        _ if is_mandatory && access != RegisterAccess::Invite => vec![sent],
        RegisterAccess::Authenticated | RegisterAccess::Staff => {
            vec![PossibleAnswer::json::<UserDetails<'_>>(StatusCode::CREATED, "The new user.")]
        }
        // An invitation that was mailed has verified the address.
        RegisterAccess::Invite if is_mandatory => vec![sent, logged_in],
        RegisterAccess::Open | RegisterAccess::Invite => vec![logged_in],
    };
    let must_set_up = settings.mfa.required == RequiredOf::Always;
    let logs_in = matches!(access, RegisterAccess::Open | RegisterAccess::Invite);
    let step = outcomes::second_step(configuration, StatusCode::CREATED);
    let step = step.filter(|_| must_set_up && logs_in);
    let barred = (access == RegisterAccess::Staff).then_some(barred);
    let limited = outcomes::limited(configuration, &[Action::Signup]);
    done.into_iter().chain(step).chain(barred).chain(limited).collect()
}

/// Wrong codes are field errors, so they need no outcome of their own.
fn verify_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let by_session = configuration.accepts_sessions();
    let replaces = configuration.accounts.account.change_email;
    let session = (by_session && replaces).then(|| outcomes::session_cookie(configuration));
    let done = PossibleAnswer::sentence(StatusCode::OK, &Message::Acknowledged);
    let done = done.cookies(Vec::from_iter(session));
    if verifies_by_code(configuration) {
        return vec![done];
    }
    let unknown = "The key is unknown, expired or used.";
    vec![done, PossibleAnswer::json::<Detail>(StatusCode::NOT_FOUND, unknown)]
}

fn verifies_by_code(configuration: Configuration<'_>) -> bool {
    configuration.accounts.account.email_verification_by_code_enabled
}

fn resend_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = PossibleAnswer::sentence(StatusCode::OK, &Message::Acknowledged);
    [done].into_iter().chain(outcomes::limited(configuration, &[Action::ResendEmail])).collect()
}

async fn register(request: ApiRequest, form: Checked<RegistrationForm>) -> Result<Reply, ApiError> {
    let Checked { fields, errors } = form;
    let registration = fields.into();
    let (auth, context) = (request.auth(), request.context());
    let asked_by = request.caller().user.as_ref();
    let registered = registration::register(auth, context, asked_by, registration, errors).await?;
    Ok(match registered {
        Registered::VerificationSent => {
            Reply::detail(StatusCode::CREATED, Message::VerificationSent)
        }
        Registered::LoggedIn(done) => schemes::registered(&request, *done),
        Registered::Pending(pending) => {
            schemes::waiting(&request, &pending)?.status(StatusCode::CREATED)
        }
        Registered::ForAnother(user, fields) => {
            Reply::json(&UserDetails::new(&user, fields)).status(StatusCode::CREATED)
        }
    })
}

async fn verify(request: ApiRequest, form: VerifyEmailForm) -> Result<Reply, ApiError> {
    let VerifyEmailForm { email, code, key } = form;
    let (auth, context) = (request.auth(), request.context());
    let renewed = if verifies_by_code(request.configuration()) {
        email_verification::verify_code(auth, context, &email, &code).await?
    } else {
        email_verification::verify(auth, context, &key).await?
    };
    Ok(Reply::detail(StatusCode::OK, Message::Acknowledged).renewing(renewed))
}

async fn resend(request: ApiRequest, form: ResendEmailForm) -> Result<Reply, ApiError> {
    let ResendEmailForm { email } = form;
    email_verification::resend(request.auth(), request.context(), &email).await?;
    Ok(Reply::detail(StatusCode::OK, Message::Acknowledged))
}
