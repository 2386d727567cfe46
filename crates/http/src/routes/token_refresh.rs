//! `token/refresh/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::datetime;
use rest_auth_domain::message::Message;
use rest_auth_flows::credentials::jwt;
use rest_auth_flows::error::AuthError;
use serde_json::Map;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::csrf;
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
        // The original spells it this way, and clients may have it in their snapshots.
        FormField::text("refresh", "Refresh").optional().help("WIll override cookie."),
        FormField::read_only("access", "Access", Kind::Text),
    ])
}

async fn refresh(request: ApiRequest) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let mut fields = form(request.api()).check(&input, Completeness::Full)?.into_valid()?;
    let shown = match (fields.take("refresh"), schemes::shown_refresh_cookie(&request)) {
        (body, _) if !body.is_empty() => body,
        (_, Some(cookie)) if !cookie.is_empty() => {
            if request.api().settings().csrf.check_refresh_cookie {
                csrf::check(&request).await?;
            }
            cookie
        }
        _ => return Err(AuthError::refused_with_code(Message::NoRefreshToken).into()),
    };
    let refreshed = jwt::refresh(request.auth(), request.context(), &shown).await?;
    let mut document = Map::new();
    let mut cookies = Vec::from_iter(schemes::access_cookie(&request, &refreshed.access));
    let access_expiration = datetime::in_utc(refreshed.access_expires_at);
    document.insert("access".into(), refreshed.access.into());
    let mut refresh_expiration = None;
    if let Some((refresh, expires_at)) = refreshed.refresh {
        cookies.extend(schemes::refresh_cookie(&request, &refresh));
        if !request.auth().settings().rest_auth.jwt_auth_httponly {
            document.insert("refresh".into(), refresh.into());
            refresh_expiration = Some(datetime::in_utc(expires_at));
        }
    }
    document.insert("access_expiration".into(), access_expiration.into());
    if let Some(expiration) = refresh_expiration {
        document.insert("refresh_expiration".into(), expiration.into());
    }
    Ok(Reply::json(document.into()).cookies(cookies))
}
