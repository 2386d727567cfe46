//! `token/refresh/`

use axum::http::{Method, StatusCode};
use rest_auth_flows::credentials::jwt;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField, Kind};
use crate::input::Input;
use crate::openapi::outcome::{self, Outcome};
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::reply::Reply;
use crate::schemes;

pub(crate) const TOKEN_REFRESH: Endpoint = Endpoint {
    path: "token/refresh/",
    name: "Refresh View With Cookie Support",
    description: "",
    tag: Tag::Tokens,
    allow: "POST, OPTIONS",
    access: Access::Unauthenticated,
    scope: None,
    form: Some(("POST", form)),
    operations: &[Operation::new(
        Method::POST,
        "refreshToken",
        "Get a new access token",
        handler!(refresh),
        outcomes,
    )
    .reading_refresh_cookie()],
};

fn outcomes(api: &Api) -> Vec<Outcome> {
    let refreshed = schemas::refreshed(api);
    let done = Outcome::json(StatusCode::OK, "The new tokens.", refreshed)
        .cookies(outcome::jwt_cookies(api));
    let refused = Outcome::refused("The refresh token is missing or no good.", api);
    let checks_cookie = api.settings().csrf.check_refresh_cookie;
    let foreign = (checks_cookie && api.cookies().refresh.is_some()).then(outcome::csrf_failed);
    [done, refused].into_iter().chain(foreign).collect()
}

fn form(_: &Api) -> Form {
    Form(vec![
        // dj-rest-auth spells it this way, and clients may have it in their snapshots.
        FormField::text("refresh", "Refresh").optional().help("WIll override cookie."),
        FormField::read_only("access", "Access", Kind::Text),
    ])
}

async fn refresh(request: ApiRequest) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let mut fields = form(request.api()).check(&input, Completeness::Full)?.into_valid()?;
    let shown = schemes::refresh_token(&request, fields.take("refresh")).await?;
    let refreshed = jwt::refresh(request.auth(), request.context(), &shown).await?;
    Ok(schemes::refreshed(&request, refreshed))
}
