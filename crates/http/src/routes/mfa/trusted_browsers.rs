//! `mfa/trusted-browsers/` and `mfa/trusted-browsers/{id}/`: browsers that are not asked for the second
//! factor.

use axum::http::{Method, StatusCode};
use rest_auth_domain::datetime;
use rest_auth_domain::message::Message;
use rest_auth_flows::trusted_browsers;

use crate::answers::TrustedBrowser;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, PathId, SCOPE, handler};
use crate::error::ApiError;
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const TRUSTED_BROWSERS: Endpoint = Endpoint {
    path: "mfa/trusted-browsers/",
    name: "Trusted Browser List",
    description: "List the browsers that are not asked for the second factor, or forget all.",
    tag: Tag::Mfa,
    allow: "GET, DELETE, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: None,
    operations: &[
        Operation::new(
            Method::GET,
            "listTrustedBrowsers",
            "List the browsers that are trusted",
            handler!(list),
            list_answers,
        ),
        Operation::new(
            Method::DELETE,
            "forgetTrustedBrowsers",
            "Trust no browser any more",
            handler!(forget_all),
            forget_all_answers,
        ),
    ],
};

pub(crate) const TRUSTED_BROWSER: Endpoint = Endpoint {
    path: "mfa/trusted-browsers/{id}/",
    name: "Trusted Browser",
    description: "Forget a browser that is not asked for the second factor.",
    tag: Tag::Mfa,
    allow: "DELETE, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: None,
    operations: &[Operation::new(
        Method::DELETE,
        "forgetTrustedBrowser",
        "Trust a browser no longer",
        handler!(forget),
        forget_answers,
    )],
};

fn list_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    let deleted = PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The account has been deleted in the meantime.");
    let listed =
        PossibleAnswer::list::<TrustedBrowser<'_>>(StatusCode::OK, "The browsers, oldest first.");
    vec![listed, deleted]
}

fn forget_all_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::no_content("No browser is trusted.")]
}

fn forget_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![
        PossibleAnswer::no_content("The browser is not trusted any more."),
        PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
            .describe("The user trusts no browser with this id."),
    ]
}

async fn list(request: ApiRequest) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let browsers = trusted_browsers::list(auth, context, user).await?;
    let zone = auth.settings().i18n.time_zone;
    let written = |time| datetime::in_zone(time, zone);
    let browsers: Vec<_> =
        browsers.iter().map(|browser| TrustedBrowser::new(browser, written)).collect();
    Ok(Reply::json(&browsers))
}

async fn forget_all(request: ApiRequest) -> Result<Reply, ApiError> {
    trusted_browsers::forget_all(request.auth(), request.user()?).await?;
    Ok(Reply::no_content())
}

async fn forget(request: ApiRequest, PathId(id): PathId) -> Result<Reply, ApiError> {
    trusted_browsers::forget(request.auth(), request.user()?, id).await?;
    Ok(Reply::no_content())
}
