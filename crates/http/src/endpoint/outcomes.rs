//! Answers that several endpoints give.

use axum::http::StatusCode;
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;

use super::body_schema::BodySchema;
use super::outcome::{AnswerContent, PossibleAnswer};
use crate::answers::{
    AuthenticationError, Detail, JwtPair, NewRecoveryCodes, ReauthenticationRequired, SecondStep,
    TokenKey,
};
use crate::settings::Configuration;

/// The credentials that a login returns with 200, and a registration with 201: JWTs with the user,
/// a token, or cookies only. `schemes` writes them.
pub(crate) fn credentials(configuration: Configuration<'_>, status: StatusCode) -> PossibleAnswer {
    let settings = &configuration.accounts.rest_auth;
    let outcome = if settings.use_jwt {
        PossibleAnswer::json::<JwtPair<'_>>(status, "The tokens and the user.")
    } else if settings.token_model {
        PossibleAnswer::json::<TokenKey<'_>>(status, "The token.")
    } else {
        PossibleAnswer::no_content("Logged in. The session is in its cookie.")
    };
    outcome.cookies(login_cookies(configuration))
}

/// The credentials of a login that set a second factor up, with its recovery codes.
pub(crate) fn first_credentials(configuration: Configuration<'_>) -> PossibleAnswer {
    let settings = &configuration.accounts.rest_auth;
    if settings.use_jwt || settings.token_model {
        return credentials(configuration, StatusCode::OK);
    }
    let about = "The recovery codes. The session is in its cookie.";
    let outcome = PossibleAnswer::json::<NewRecoveryCodes<'_>>(StatusCode::OK, about);
    outcome.cookies(login_cookies(configuration))
}

/// A login that waits for its second step, where second factors are offered.
pub(crate) fn second_step(
    configuration: Configuration<'_>,
    status: StatusCode,
) -> Option<PossibleAnswer> {
    let about = "The login waits for the second factor, or for one to be set up.";
    let outcome = || PossibleAnswer::json::<SecondStep<'_>>(status, about);
    configuration.accounts.apps.mfa.then(outcome)
}

/// The cookie of a session that continues under a new key.
pub(crate) fn renewed_session(configuration: Configuration<'_>) -> Vec<String> {
    let by_session = configuration.accepts_sessions();
    Vec::from_iter(by_session.then(|| session_cookie(configuration)))
}

/// Refused credentials. Where JWTs are used, the answer has a code for programs.
pub(crate) fn refused(
    configuration: Configuration<'_>,
    status: StatusCode,
    description: &'static str,
) -> PossibleAnswer {
    let schema = if configuration.accounts.rest_auth.use_jwt {
        BodySchema::of::<AuthenticationError>()
    } else {
        BodySchema::of::<Detail>()
    };
    let outcome = PossibleAnswer::new(status, description, AnswerContent::Json(schema));
    if status == StatusCode::UNAUTHORIZED { outcome.challenged() } else { outcome }
}

fn login_cookies(configuration: Configuration<'_>) -> Vec<String> {
    let settings = &configuration.accounts.rest_auth;
    let mut names = Vec::new();
    if settings.use_jwt {
        names.extend(jwt_cookies(configuration));
    }
    if settings.session_login {
        names.push(session_cookie(configuration));
        names.extend(csrf_cookie(configuration));
    }
    names
}

/// The cookies that a logout deletes.
pub(crate) fn ended_cookies(configuration: Configuration<'_>) -> Vec<String> {
    let by_session = configuration.accepts_sessions();
    let session = by_session.then(|| session_cookie(configuration));
    jwt_cookies(configuration).into_iter().chain(session).collect()
}

/// The cookies that carry JWTs.
pub(crate) fn jwt_cookies(configuration: Configuration<'_>) -> Vec<String> {
    let names = [configuration.access_cookie(), configuration.refresh_cookie()];
    names.into_iter().flatten().map(str::to_owned).collect()
}

/// The cookie that carries the session.
pub(crate) fn session_cookie(configuration: Configuration<'_>) -> String {
    configuration.session_cookie().to_owned()
}

/// The cookie that carries the CSRF token, unless the session keeps it.
pub(crate) fn csrf_cookie(configuration: Configuration<'_>) -> Option<String> {
    configuration.csrf_cookie().map(str::to_owned)
}

/// Too many requests.
pub(crate) fn throttled() -> PossibleAnswer {
    PossibleAnswer::sentence(StatusCode::TOO_MANY_REQUESTS, &Message::Throttled { seconds: 59 })
        .describe("Too many requests.")
        .retry_after()
        .shared("TooManyRequests")
}

/// The request may have been started by another site in the user's browser.
pub(crate) fn csrf_failed() -> PossibleAnswer {
    let description = "The request may come from another site: its origin is not trusted, or its \
                       CSRF token is missing or wrong.";
    PossibleAnswer::json::<Detail>(StatusCode::FORBIDDEN, description).shared("CsrfFailed")
}

/// The last proof of who the user is is too old, where such changes need a fresh one.
pub(crate) fn reauthentication(configuration: Configuration<'_>) -> Option<PossibleAnswer> {
    let description = "The user has to prove again who they are: `reauthenticate/`.";
    let refused =
        || PossibleAnswer::json::<ReauthenticationRequired>(StatusCode::FORBIDDEN, description);
    configuration.accounts.account.reauthentication_required.then(refused)
}

/// Too many attempts, where one of these actions is limited.
pub(crate) fn limited(
    configuration: Configuration<'_>,
    actions: &[Action],
) -> Option<PossibleAnswer> {
    let limits = &configuration.accounts.account.rate_limits;
    actions.iter().any(|action| !limits.of(action.name()).is_empty()).then(throttled)
}
