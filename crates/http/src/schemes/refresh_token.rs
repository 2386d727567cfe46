//! Where the refresh token of a refresh or logout sits.

use rest_auth_domain::message::Message;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::logout::{RefreshShown, Shown};

use super::Shown as ShownBy;
use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::csrf;
use crate::error::ApiError;
use crate::input::{self, Input};

/// The token of a refresh: that of the body, `in_body`, or else that of the cookie.
///
/// # Errors
/// 401 without either, 403 for a cookie whose CSRF check fails.
pub(crate) async fn refresh_token(
    request: &ApiRequest,
    in_body: String,
) -> Result<String, ApiError> {
    if !in_body.is_empty() {
        return Ok(in_body);
    }
    let in_cookie = in_cookie(request).filter(|token| !token.is_empty());
    let token = in_cookie.ok_or_else(|| AuthError::refused_with_code(Message::NoRefreshToken))?;
    if request.api().settings().csrf.check_refresh_cookie {
        csrf::check(request).await?;
    }
    Ok(token)
}

/// What a request that logs out shows of itself. Its session is looked up where logins make one:
/// the flow ends it, and the answer depends on it.
///
/// # Errors
/// Those of reading the body and of the database.
pub(crate) async fn shown_at_logout(request: &ApiRequest) -> Result<Shown<'_>, ApiError> {
    let refresh = refresh_to_revoke(request)?;
    if request.auth().settings().rest_auth.session_login {
        request.session().await?;
    }
    let caller = request.caller();
    let access = match &caller.shown {
        ShownBy::Access(access) => Some(access.as_slice()),
        _ => None,
    };
    Ok(Shown { user: caller.user.as_ref(), access, refresh })
}

/// Whether a logout revokes the refresh token.
pub(crate) fn refresh_is_revoked(api: &Api) -> bool {
    let settings = api.auth().settings();
    let is_remembered = settings.apps.token_blacklist || settings.simple_jwt.refresh_families;
    settings.rest_auth.use_jwt && is_remembered
}

/// Whether the refresh token is where no script can read it.
pub(crate) fn refresh_is_hidden(api: &Api) -> bool {
    api.auth().settings().rest_auth.jwt_auth_httponly && api.cookies().refresh.is_some()
}

/// The refresh token that a logout revokes: in the cookie where scripts may not read it, in the
/// body where they may.
fn refresh_to_revoke(request: &ApiRequest) -> Result<RefreshShown, ApiError> {
    if !refresh_is_revoked(request.api()) {
        return Ok(RefreshShown::NotAsked);
    }
    if refresh_is_hidden(request.api()) {
        return Ok(in_cookie(request).map_or(RefreshShown::NotInCookie, RefreshShown::Token));
    }
    let input = Input::read(request)?;
    Ok(match input.fields().map(|fields| fields.get("refresh")) {
        Some(given) if !input::is_absent(given) => {
            // Whatever is no text is no token.
            let text = input.fields().and_then(|fields| fields.raw_text("refresh"));
            RefreshShown::Token(text.unwrap_or_default())
        }
        _ => RefreshShown::NotInBody,
    })
}

fn in_cookie(request: &ApiRequest) -> Option<String> {
    request.cookie(&request.api().cookies().refresh.as_ref()?.name)
}
