//! `emails/`, `emails/{id}/` and `emails/{id}/resend/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::emails::{self, AddressRemoval, Choice, NewEmail};
use rest_auth_flows::limits::Action;

use crate::answers::EmailAddress;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, PathId, handler};
use crate::error::ApiError;
use crate::form::{Checked, FormBody as _, boolean, current_password, email, email_address, form};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const EMAILS: Endpoint = Endpoint {
    path: "emails/",
    name: "Email List",
    description: "List the user's e-mail addresses, or add one. A key or code is mailed to a new address to verify it.",
    tag: Tag::Emails,
    allow: "GET, POST, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: Some(("POST", NewEmailForm::declared)),
    operations: &[
        Operation::new(
            Method::GET,
            "listEmails",
            "List the user's addresses",
            handler!(list),
            list_answers,
        ),
        Operation::new(Method::POST, "addEmail", "Add an address", handler!(add), add_answers),
    ],
};

pub(crate) const EMAIL: Endpoint = Endpoint {
    path: "emails/{id}/",
    name: "Email",
    description: "Make an address the primary one, or remove it.",
    tag: Tag::Emails,
    allow: "PATCH, DELETE, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: Some(("PATCH", EmailForm::declared)),
    operations: &[
        Operation::new(
            Method::PATCH,
            "setPrimaryEmail",
            "Make an address the primary one",
            handler!(set_primary),
            set_primary_answers,
        ),
        Operation::new(
            Method::DELETE,
            "removeEmail",
            "Remove an address",
            handler!(remove),
            remove_answers,
        )
        .taking(EmailRemovalForm::declared),
    ],
};

pub(crate) const EMAIL_RESEND: Endpoint = Endpoint {
    path: "emails/{id}/resend/",
    name: "Email Resend",
    description: "Send another mail to verify an address that is not verified yet.",
    tag: Tag::Emails,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: None,
    operations: &[Operation::new(
        Method::POST,
        "resendEmailVerification",
        "Request another mail to verify an address",
        handler!(resend),
        resend_answers,
    )],
};

form! {
    /// An address to add.
    pub(crate) struct NewEmailForm(configuration) {
        #[validate(custom(function = "email_address"))]
        email: Option<String> = email(),
        current_password: Option<String> = current_password(configuration),
    }
}

form! {
    /// A change to an address.
    pub(crate) struct EmailForm(configuration) {
        primary: Option<bool> = boolean().only(true),
        current_password: Option<String> = current_password(configuration),
    }
}

form! {
    /// The password that confirms the removal of an address.
    pub(crate) struct EmailRemovalForm(configuration) {
        current_password: Option<String> = current_password(configuration),
    }
}

fn list_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::list::<EmailAddress<'_>>(StatusCode::OK, "The addresses, oldest first.")]
}

fn add_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let description = "The new address. A mail to verify it is sent.";
    let added = PossibleAnswer::json::<EmailAddress<'_>>(StatusCode::CREATED, description);
    let deleted = PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The account has been deleted in the meantime.");
    let refused = outcomes::reauthentication(configuration);
    [added, deleted].into_iter().chain(refused).chain(too_often(configuration)).collect()
}

fn set_primary_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let chosen = PossibleAnswer::json::<EmailAddress<'_>>(StatusCode::OK, "The address.");
    let chosen = chosen.cookies(renewed_session(configuration));
    let refused = outcomes::reauthentication(configuration);
    [chosen, unknown()].into_iter().chain(refused).chain(too_often(configuration)).collect()
}

fn remove_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let removed = PossibleAnswer::no_content("The address is removed.");
    let removed = removed.cookies(renewed_session(configuration));
    let refused = outcomes::reauthentication(configuration);
    [removed, unknown()].into_iter().chain(refused).chain(too_often(configuration)).collect()
}

fn resend_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let sent = PossibleAnswer::sentence(StatusCode::OK, &Message::Acknowledged);
    [sent, unknown()].into_iter().chain(too_often(configuration)).collect()
}

fn unknown() -> PossibleAnswer {
    PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The user has no address with this id.")
}

fn too_often(configuration: Configuration<'_>) -> Option<PossibleAnswer> {
    outcomes::limited(configuration, &[Action::ManageEmail])
}

/// The cookie of a session that continues under a new key.
fn renewed_session(configuration: Configuration<'_>) -> Vec<String> {
    let by_session = configuration.accepts_sessions();
    Vec::from_iter(by_session.then(|| outcomes::session_cookie(configuration)))
}

async fn list(request: ApiRequest) -> Result<Reply, ApiError> {
    let addresses = emails::list(request.auth(), request.user()?).await?;
    let addresses: Vec<_> = addresses.iter().map(EmailAddress::from).collect();
    Ok(Reply::json(&addresses))
}

async fn add(request: ApiRequest, form: Checked<NewEmailForm>) -> Result<Reply, ApiError> {
    let Checked { fields: NewEmailForm { email, current_password }, errors } = form;
    let form = NewEmail { email, current_password };
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let address = emails::add(auth, context, user, form, errors).await?;
    Ok(Reply::json(&EmailAddress::from(&address)).status(StatusCode::CREATED))
}

async fn set_primary(
    request: ApiRequest,
    PathId(id): PathId,
    form: Checked<EmailForm>,
) -> Result<Reply, ApiError> {
    let Checked { fields: EmailForm { primary, current_password }, errors } = form;
    let form = Choice { id, primary, current_password };
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let chosen = emails::choose(auth, context, user, form, errors).await?;
    Ok(Reply::json(&EmailAddress::from(&chosen.address)).renewing(chosen.session))
}

async fn remove(
    request: ApiRequest,
    PathId(id): PathId,
    form: Checked<EmailRemovalForm>,
) -> Result<Reply, ApiError> {
    let Checked { fields: EmailRemovalForm { current_password }, errors } = form;
    let removal = AddressRemoval { id, current_password };
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let session = emails::remove(auth, context, user, removal, errors).await?;
    Ok(Reply::no_content().renewing(session))
}

async fn resend(request: ApiRequest, PathId(id): PathId) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    emails::resend(auth, context, user, id).await?;
    Ok(Reply::detail(StatusCode::OK, Message::Acknowledged))
}
