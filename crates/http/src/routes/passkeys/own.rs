//! `passkeys/` and `passkeys/{id}/`

use axum::http::{Method, StatusCode};
use rest_auth_flows::limits::Action;
use rest_auth_flows::passkeys::{self, PasskeyRemoval};

use super::{details, unknown};
use crate::answers::{PasskeyDetails, PasskeyName};
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, PathId, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Checked, FormBody as _, current_password, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const PASSKEYS: Endpoint = Endpoint {
    path: "passkeys/",
    name: "Passkey List",
    description: "List the passkeys of the user who is logged in.",
    tag: Tag::Passkeys,
    allow: "GET, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: None,
    operations: &[Operation::new(
        Method::GET,
        "listPasskeys",
        "List the passkeys",
        handler!(list),
        list_answers,
    )],
};

pub(crate) const PASSKEY: Endpoint = Endpoint {
    path: "passkeys/{id}/",
    name: "Passkey Detail",
    description: "Show, rename or remove a passkey of the user who is logged in.",
    tag: Tag::Passkeys,
    allow: "GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("PUT", PasskeyForm::declared)),
    operations: &[
        Operation::new(Method::GET, "getPasskey", "Show a passkey", handler!(show), show_answers),
        Operation::new(
            Method::PUT,
            "renamePasskey",
            "Rename a passkey",
            handler!(rename),
            rename_answers,
        ),
        Operation::new(
            Method::PATCH,
            "updatePasskey",
            "Rename a passkey",
            handler!(rename),
            rename_answers,
        ),
        Operation::new(
            Method::DELETE,
            "removePasskey",
            "Remove a passkey",
            handler!(remove),
            remove_answers,
        )
        .taking(PasskeyRemovalForm::declared),
    ],
};

form! {
    /// The name of a passkey.
    pub(crate) struct PasskeyForm(_) {
        name: Option<String> = text().at_most(255),
    }
}

form! {
    /// The password that confirms the removal of a passkey.
    pub(crate) struct PasskeyRemovalForm(configuration) {
        current_password: Option<String> = current_password(configuration),
    }
}

fn list_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::list::<PasskeyDetails<'_>>(StatusCode::OK, "The passkeys, newest first.")]
}

fn show_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::json::<PasskeyDetails<'_>>(StatusCode::OK, "The passkey."), unknown()]
}

fn rename_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::json::<PasskeyName<'_>>(StatusCode::OK, "The name."), unknown()]
}

fn remove_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let removed = PossibleAnswer::no_content("The passkey is removed.");
    let removed = removed.cookies(outcomes::renewed_session(configuration));
    let limited = outcomes::limited(configuration, &[Action::Reauthenticate]);
    let refused = outcomes::reauthentication(configuration);
    [removed, unknown()].into_iter().chain(refused).chain(limited).collect()
}

async fn list(request: ApiRequest) -> Result<Reply, ApiError> {
    let passkeys = passkeys::list(request.auth(), request.user()?).await?;
    let passkeys: Vec<_> = passkeys.iter().map(|passkey| details(&request, passkey)).collect();
    Ok(Reply::json(&passkeys))
}

async fn show(request: ApiRequest, PathId(id): PathId) -> Result<Reply, ApiError> {
    let passkey = passkeys::show(request.auth(), request.user()?, id).await?;
    Ok(Reply::json(&details(&request, &passkey)))
}

/// PUT and PATCH differ in the required field only, which the form has checked.
async fn rename(
    request: ApiRequest,
    PathId(id): PathId,
    form: PasskeyForm,
) -> Result<Reply, ApiError> {
    let (auth, user) = (request.auth(), request.user()?);
    let name = passkeys::rename(auth, user, id, form.name).await?;
    Ok(Reply::json(&PasskeyName { name: &name }))
}

async fn remove(
    request: ApiRequest,
    PathId(id): PathId,
    form: Checked<PasskeyRemovalForm>,
) -> Result<Reply, ApiError> {
    let Checked { fields: PasskeyRemovalForm { current_password }, errors } = form;
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let removal = PasskeyRemoval { id, current_password };
    let session = passkeys::remove(auth, context, user, removal, errors).await?;
    Ok(Reply::no_content().renewing(session))
}
