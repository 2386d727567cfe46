//! `token/refresh/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Caption;
use rest_auth_flows::credentials::jwt;

use crate::answers::RefreshedTokens;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{FieldKind, FormBody as _, ShownOnly, form, read_only, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const TOKEN_REFRESH: Endpoint = Endpoint {
    path: "token/refresh/",
    name: "Refresh View With Cookie Support",
    description: "",
    tag: Tag::Tokens,
    allow: "POST, OPTIONS",
    access: Access::Unauthenticated,
    scope: None,
    form: Some(("POST", TokenRefreshForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "refreshToken",
        "Get a new access token",
        handler!(refresh),
        answers,
    )
    .issuing_credentials()
    .reading_refresh_cookie()],
};

form! {
    /// The refresh token, unless it is in its cookie.
    pub(crate) struct TokenRefreshForm(_) {
        // dj-rest-auth spells it this way, and clients may have it in their snapshots.
        refresh: String = text().optional().translated_help(Caption::RefreshHelp),
        access: ShownOnly = read_only(FieldKind::Text),
    }
}

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = PossibleAnswer::json::<RefreshedTokens<'_>>(StatusCode::OK, "The new tokens.")
        .cookies(outcomes::jwt_cookies(configuration));
    let refused = "The refresh token is missing or not valid.";
    let refused = outcomes::refused(configuration, StatusCode::UNAUTHORIZED, refused);
    let checks_cookie = configuration.http.csrf.check_refresh_cookie;
    let has_cookie = configuration.refresh_cookie().is_some();
    let foreign = (checks_cookie && has_cookie).then(outcomes::csrf_failed);
    [done, refused].into_iter().chain(foreign).collect()
}

async fn refresh(request: ApiRequest, form: TokenRefreshForm) -> Result<Reply, ApiError> {
    let shown = schemes::refresh_to_renew(&request, form.refresh).await?;
    let refreshed = jwt::refresh(request.auth(), request.context(), &shown).await?;
    Ok(schemes::refreshed(&request, &refreshed))
}
