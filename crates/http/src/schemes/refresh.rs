//! The refresh token of a request: in its cookie, or in the body.

use rest_auth_domain::message::Message;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::logout::{RefreshShown, ShownAtLogout};

use crate::api_request::ApiRequest;
use crate::caller::ShownCredential;
use crate::csrf;
use crate::error::ApiError;
use crate::input::Input;
use crate::settings::Configuration;

/// The refresh token that a refresh renews: that of the body, else that of the cookie, which may
/// have to come with a CSRF token.
pub(crate) async fn refresh_to_renew(
    request: &ApiRequest,
    in_body: String,
) -> Result<String, ApiError> {
    if !in_body.is_empty() {
        return Ok(in_body);
    }
    match shown_refresh_cookie(request) {
        Some(cookie) => {
            // An empty cookie is refused below in any case.
            if !cookie.is_empty() && request.api().settings().csrf.check_refresh_cookie {
                csrf::check(request).await?;
            }
            Ok(cookie)
        }
        None => Err(AuthError::refused_with_code(Message::NoRefreshToken).into()),
    }
}

/// The credentials of a request that logs out. Its session is looked up where logins make one: the
/// flow ends it, and the answer depends on it.
///
/// # Errors
/// Those of reading the body and of the database.
pub(crate) async fn shown_at_logout(request: &ApiRequest) -> Result<ShownAtLogout<'_>, ApiError> {
    let refresh = refresh_to_revoke(request)?;
    if request.auth().settings().rest_auth.session_login {
        request.session().await?;
    }
    let caller = request.caller();
    let access = match &caller.shown {
        ShownCredential::Access(access) => Some(access.as_slice()),
        _ => None,
    };
    Ok(ShownAtLogout { user: caller.user.as_ref(), access, refresh })
}

/// The refresh token in its cookie.
fn shown_refresh_cookie(request: &ApiRequest) -> Option<String> {
    request.cookie(&request.api().cookies().refresh.as_ref()?.name)
}

/// Whether a logout asks for the refresh token in the body.
pub(crate) fn refresh_is_asked_for(configuration: Configuration<'_>) -> bool {
    refresh_is_revoked(configuration) && !refresh_is_hidden(configuration)
}

/// Whether a logout revokes the refresh token.
fn refresh_is_revoked(configuration: Configuration<'_>) -> bool {
    let settings = configuration.accounts;
    let is_remembered = settings.apps.token_blacklist || settings.simple_jwt.refresh_families;
    settings.rest_auth.use_jwt && is_remembered
}

/// Whether the refresh token is kept in a cookie that scripts cannot read.
fn refresh_is_hidden(configuration: Configuration<'_>) -> bool {
    configuration.accounts.rest_auth.jwt_auth_httponly && configuration.refresh_cookie().is_some()
}

/// The refresh token that a logout is to revoke: in the cookie where scripts may not read it,
/// in the body where they may.
fn refresh_to_revoke(request: &ApiRequest) -> Result<RefreshShown, ApiError> {
    if !refresh_is_revoked(request.configuration()) {
        return Ok(RefreshShown::NotAsked);
    }
    if refresh_is_hidden(request.configuration()) {
        return Ok(
            shown_refresh_cookie(request).map_or(RefreshShown::NotInCookie, RefreshShown::Token)
        );
    }
    let input = Input::read(request)?;
    Ok(match input.fields().map(|fields| fields.get("refresh")) {
        Some(given) if !crate::input::is_absent(given) => {
            // A value that is not a text is not a token.
            let text = input.fields().and_then(|fields| fields.raw_text("refresh"));
            RefreshShown::Token(text.unwrap_or_default())
        }
        _ => RefreshShown::NotInBody,
    })
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::Profile;

    use super::*;
    use crate::fixture::TestSettings;

    #[test]
    fn a_logout_asks_for_the_refresh_token_only_where_scripts_can_read_it() {
        let mut settings = TestSettings::of(Profile::Strict);
        settings.accounts.rest_auth.use_jwt = true;
        settings.accounts.apps.token_blacklist = true;
        settings.accounts.rest_auth.jwt_auth_httponly = true;
        assert!(refresh_is_asked_for(settings.configuration()));
        settings.accounts.rest_auth.jwt_auth_refresh_cookie = Some("refresh".to_owned());
        assert!(!refresh_is_asked_for(settings.configuration()));
        settings.accounts.rest_auth.jwt_auth_httponly = false;
        assert!(refresh_is_asked_for(settings.configuration()));
        settings.accounts.rest_auth.use_jwt = false;
        assert!(!refresh_is_asked_for(settings.configuration()));
    }
}
