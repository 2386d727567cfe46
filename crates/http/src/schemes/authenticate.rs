//! Authentication: finds the user by the credentials of a request.

use axum::http::header::AUTHORIZATION;
use rest_auth_domain::authorization::{self, Case, HeaderError};
use rest_auth_domain::message::Message;
use rest_auth_flows::credentials::{jwt, token};
use rest_auth_flows::error::AuthError;
use rest_auth_flows::login;

use crate::api_request::ApiRequest;
use crate::caller::{Caller, ShownCredential};
use crate::csrf;
use crate::error::ApiError;
use crate::rules::access::Access;
use crate::settings::rest_framework::Authentication;

/// Looks for credentials in the order of the configuration. The first kind that the request carries
/// decides. If those credentials are not valid, the request is refused, or is nobody's where anybody
/// may send it ([`RestFrameworkSettings::ignore_ended_credentials`]): clients keep sending a token
/// after it has ended, above all with their next login.
///
/// [`RestFrameworkSettings::ignore_ended_credentials`]: crate::settings::RestFrameworkSettings
pub(crate) async fn authenticate(request: &ApiRequest, access: Access) -> Result<Caller, ApiError> {
    if access == Access::Unauthenticated {
        return Ok(Caller::default());
    }
    let must_be_user = access == Access::AnyoneOrUser && names_user(request);
    let is_open = matches!(access, Access::Anyone | Access::AnyoneOrUser) && !must_be_user;
    let mut was_read = false;
    for class in request.api().authenticators().classes() {
        let caller = match class {
            Authentication::Session => by_session(request).await,
            Authentication::Token => by_token(request).await,
            Authentication::Jwt => by_bearer(request).await,
            Authentication::JwtCookie => by_bearer_or_cookie(request).await,
            Authentication::Basic => by_password(request).await,
        };
        match caller {
            Ok(Some(caller)) => return Ok(caller),
            Ok(None) => {}
            Err(ApiError::Flow(AuthError::Unauthenticated(_)))
                if is_open && request.configuration().ignores_ended(*class) =>
            {
                was_read = true;
            }
            Err(error) => return Err(error),
        }
    }
    if !was_read {
        log_passed_over(request);
    }
    if must_be_user {
        return Err(AuthError::refused(Message::NotAuthenticated).into());
    }
    Ok(Caller::default())
}

/// Whether a request has a header with credentials. Where Basic is not accepted, it is for a proxy
/// that guards the whole site.
fn names_user(request: &ApiRequest) -> bool {
    let authenticators = request.api().authenticators();
    let takes_basic = authenticators.classes().contains(&Authentication::Basic);
    let is_basic =
        |value: &[u8]| value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "));
    let headers = [&AUTHORIZATION, authenticators.bearer_header()];
    let mut values = headers.into_iter().filter_map(|name| request.header_bytes(name));
    values.any(|value| takes_basic || !is_basic(&value))
}

/// Logs that no kind of credentials that is accepted reads the header of a request: its sender is told
/// to log in, as if they had sent none. The rest of the header is a secret.
fn log_passed_over(request: &ApiRequest) {
    const SCHEMES: [&str; 5] = ["Basic", "Bearer", "Digest", "JWT", "Token"];
    let Some(header) = request.header_bytes(&AUTHORIZATION) else { return };
    let first = header.split(|byte| *byte == b' ').next().unwrap_or_default();
    let known = SCHEMES.into_iter().find(|name| name.as_bytes().eq_ignore_ascii_case(first));
    let classes = request.api().authenticators().classes();
    let accepted: Vec<_> = classes.iter().map(|class| class.as_str()).collect();
    tracing::debug!(
        event = "credentials_passed_over",
        scheme = known.unwrap_or("unknown"),
        accepted = accepted.join(", "),
        "the Authorization header is of no kind that is accepted here"
    );
}

async fn by_session(request: &ApiRequest) -> Result<Option<Caller>, ApiError> {
    let Some(user) = request.session().await?.user.clone() else { return Ok(None) };
    csrf::check(request).await?;
    Ok(Some(Caller { user: Some(user), shown: ShownCredential::Session }))
}

async fn by_token(request: &ApiRequest) -> Result<Option<Caller>, ApiError> {
    let Some(header) = request.header_bytes(&AUTHORIZATION) else { return Ok(None) };
    let Some(key) = authorization::token(&header).map_err(bad_header)? else { return Ok(None) };
    let user = token::authenticate(request.auth(), key).await?;
    Ok(Some(Caller { user: Some(user), shown: ShownCredential::Token(key.to_owned()) }))
}

async fn by_bearer(request: &ApiRequest) -> Result<Option<Caller>, ApiError> {
    let name = request.api().authenticators().bearer_header();
    let Some(header) = request.header_bytes(name) else { return Ok(None) };
    let settings = &request.auth().settings().simple_jwt;
    let case = if settings.auth_header_ignores_case { Case::Ignored } else { Case::Exact };
    let shown = authorization::jwt(&header, &settings.auth_header_types, case);
    let Some(shown) = shown.map_err(bad_header)? else {
        return Ok(None);
    };
    let user = jwt::authenticate(request.auth(), shown).await?;
    Ok(Some(Caller { user: Some(user), shown: ShownCredential::Access(shown.to_vec()) }))
}

/// The cookie is used only if no header could hold a token.
async fn by_bearer_or_cookie(request: &ApiRequest) -> Result<Option<Caller>, ApiError> {
    if request.header_bytes(request.api().authenticators().bearer_header()).is_some() {
        return by_bearer(request).await;
    }
    let Some(rules) = &request.api().cookies().access else { return Ok(None) };
    let shown = request.cookie(&rules.name);
    let settings = &request.auth().settings().rest_auth;
    if settings.jwt_auth_cookie_enforce_csrf_on_unauthenticated
        || (shown.is_some() && settings.jwt_auth_cookie_use_csrf)
    {
        csrf::check(request).await?;
    }
    let Some(shown) = shown else { return Ok(None) };
    let user = jwt::authenticate(request.auth(), shown.as_bytes()).await?;
    Ok(Some(Caller { user: Some(user), shown: ShownCredential::Access(shown.into_bytes()) }))
}

async fn by_password(request: &ApiRequest) -> Result<Option<Caller>, ApiError> {
    let Some(header) = request.header_bytes(&AUTHORIZATION) else { return Ok(None) };
    let Some(credentials) = authorization::basic(&header).map_err(bad_header)? else {
        return Ok(None);
    };
    let password = credentials.password.to_string();
    let login = login::by_basic(request.auth(), request.context(), credentials.username, password);
    // Boxed, because it is much larger than the future of a request without a password.
    let user = Box::pin(login).await?;
    Ok(Some(Caller { user: Some(user), shown: ShownCredential::Password }))
}

fn bad_header(error: HeaderError) -> ApiError {
    let message = match error {
        HeaderError::TokenMissing => Message::TokenHeaderEmpty,
        HeaderError::TokenWithSpaces => Message::TokenHeaderSpaces,
        HeaderError::TokenNotText => Message::TokenHeaderCharacters,
        HeaderError::BasicMissing => Message::BasicHeaderEmpty,
        HeaderError::BasicWithSpaces => Message::BasicHeaderSpaces,
        HeaderError::BasicNotBase64 => Message::BasicHeaderEncoding,
        HeaderError::JwtNotTwoValues => {
            return AuthError::refused_with_code(Message::BearerHeaderParts).into();
        }
    };
    AuthError::refused(message).into()
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use rest_auth_settings::Profile;

    use super::*;
    use crate::fixture::{self, TestSettings};

    fn settings(classes: &[Authentication]) -> TestSettings {
        let mut settings = TestSettings::of(Profile::Strict);
        settings.http.rest_framework.default_authentication_classes = classes.to_vec();
        settings.accounts.rest_auth.use_jwt = true;
        settings
    }

    /// Boxed, because the settings are large.
    fn sent_by<'h>(
        settings: TestSettings,
        headers: &'h [(&'h str, &'h str)],
        access: Access,
    ) -> Pin<Box<dyn Future<Output = Result<Caller, ApiError>> + 'h>> {
        Box::pin(async move {
            let app = settings.start().await;
            let request = fixture::request("POST /user/", headers, "");
            authenticate(&fixture::in_work(&app.api, request).await, access).await
        })
    }

    const ALL: &[Authentication] = &[
        Authentication::Session,
        Authentication::Token,
        Authentication::Jwt,
        Authentication::Basic,
    ];

    #[tokio::test]
    async fn a_request_without_credentials_is_nobodys() {
        let caller = sent_by(settings(ALL), &[], Access::LoggedIn).await.unwrap();
        assert!(caller.user.is_none());
        assert!(matches!(caller.shown, ShownCredential::Nothing));
    }

    #[tokio::test]
    async fn bad_credentials_fail_a_request_that_needs_good_ones_and_no_other() {
        for header in ["Token unknown", "Bearer x", "Basic eDp5", "Token a b", "Basic !", "Token"] {
            let headers = [("Authorization", header)];
            let refused = sent_by(settings(ALL), &headers, Access::LoggedIn).await;
            let is_refused = matches!(refused, Err(ApiError::Flow(AuthError::Unauthenticated(_))));
            assert!(is_refused, "{header}");
            let open = sent_by(settings(ALL), &headers, Access::Anyone).await.unwrap();
            assert!(open.user.is_none(), "{header}");
            let mut as_drf = settings(ALL);
            as_drf.http.rest_framework.ignore_ended_credentials = false;
            let caller = sent_by(as_drf, &headers, Access::Anyone).await;
            assert_eq!(caller.is_ok(), header.starts_with("Bearer"), "{header}");
        }
    }

    #[tokio::test]
    async fn where_no_jwts_are_issued_a_bearer_is_no_credential() {
        for class in [Authentication::Jwt, Authentication::JwtCookie] {
            for access in [Access::Anyone, Access::LoggedIn] {
                let mut without = settings(&[Authentication::Token, class]);
                without.accounts.rest_auth.use_jwt = false;
                without.accounts.rest_auth.jwt_auth_cookie = Some("access".to_owned());
                let headers = [("Authorization", "Bearer x"), ("Cookie", "access=x")];
                let caller = sent_by(without, &headers, access).await.unwrap();
                assert!(caller.user.is_none(), "{class:?} {access:?}");
            }
        }
    }

    #[tokio::test]
    async fn the_case_of_a_scheme_counts_only_where_the_setting_says_so() {
        for (ignores_case, is_refused) in [(true, true), (false, false)] {
            let mut settings = settings(&[Authentication::Jwt]);
            settings.accounts.simple_jwt.auth_header_ignores_case = ignores_case;
            let headers = [("Authorization", "bearer x")];
            let caller = sent_by(settings, &headers, Access::LoggedIn).await;
            assert_eq!(caller.is_err(), is_refused, "{ignores_case}");
        }
    }

    #[tokio::test]
    async fn credentials_of_a_kind_that_is_not_accepted_are_passed_over() {
        let headers = [("Authorization", "Token unknown")];
        let only_jwts = settings(&[Authentication::Jwt]);
        let caller = sent_by(only_jwts, &headers, Access::LoggedIn).await.unwrap();
        assert!(caller.user.is_none());
    }

    #[tokio::test]
    async fn token_endpoints_do_not_look_at_credentials() {
        let headers = [("Authorization", "Token unknown")];
        let caller = sent_by(settings(ALL), &headers, Access::Unauthenticated).await.unwrap();
        assert!(caller.user.is_none());
    }

    #[tokio::test]
    async fn an_ended_cookie_does_not_bar_what_is_open_to_anybody() {
        let with_cookie = || {
            let mut settings = settings(&[Authentication::JwtCookie]);
            settings.accounts.rest_auth.jwt_auth_cookie = Some("access".to_owned());
            settings.accounts.rest_auth.jwt_auth_cookie_use_csrf = false;
            settings.accounts.rest_auth.jwt_auth_cookie_enforce_csrf_on_unauthenticated = false;
            settings
        };
        let headers = [("Cookie", "access=x.y.z")];
        let open = sent_by(with_cookie(), &headers, Access::Anyone).await.unwrap();
        assert!(open.user.is_none());
        assert!(sent_by(with_cookie(), &headers, Access::LoggedIn).await.is_err());
    }
}
