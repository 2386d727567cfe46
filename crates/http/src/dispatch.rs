//! Answers a request to an endpoint. The checks run in DRF's order: representation, authentication,
//! permission, throttles, method, and then the handler with the body.

use std::time::Duration;

use axum::body::Body as Bytes;
use axum::extract::Request;
use axum::http::header::{ALLOW, VARY, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, Response};
use rest_auth_flows::credentials::session;
use rest_auth_flows::error::AuthError;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::Endpoint;
use crate::error::ApiError;
use crate::negotiation::{self, Representation};
use crate::options;
use crate::origin_check;
use crate::path_parameters::PathParameters;
use crate::render::{Writing, render};
use crate::reply::{Body, Reply, SessionOutcome};
use crate::schemes;
use crate::throttle;

/// Answers a request to an endpoint.
pub(crate) async fn dispatch(
    api: Api,
    endpoint: &'static Endpoint,
    parameters: PathParameters,
    request: Request,
) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let request = ApiRequest::read(api, head, parameters, body).await;
    let accept = request.header(&axum::http::header::ACCEPT);
    let format = request.query("format");
    let renderers = request.api().renderers();
    let (representation, answer) =
        match negotiation::choose(renderers, format.as_deref(), accept.as_deref()) {
            Ok(representation) => (representation, serve(&request, endpoint).await),
            Err(refused) => (Representation::fallback(renderers), Err(refused)),
        };
    let access = endpoint.access(request.method(), request.configuration());
    let challenge = request.api().authenticators().challenge(access);
    let mut reply = answer.unwrap_or_else(|error| error.into_reply(challenge));
    if let Body::Reauthentication { max_age, .. } = &reply.body
        && request.caller().access().is_some()
    {
        let challenge = step_up_challenge(*max_age);
        reply = reply.header(WWW_AUTHENTICATE, challenge);
    }
    if let Err(error) = settle_session(&request, &mut reply).await {
        reply = ApiError::from(error).into_reply(challenge);
    }
    finish(&request, endpoint, reply, representation)
}

/// What RFC 9470 asks of a bearer token: a login that is younger.
fn step_up_challenge(max_age: Duration) -> HeaderValue {
    let text = format!(
        "Bearer error=\"insufficient_user_authentication\", max_age=\"{}\"",
        max_age.as_secs()
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
}

async fn serve(request: &ApiRequest, endpoint: &Endpoint) -> Result<Reply, ApiError> {
    let access = endpoint.access(request.method(), request.configuration());
    request.set_caller(schemes::authenticate(request, access).await?);
    endpoint.permit(request.configuration(), request.caller().user.as_ref())?;
    throttle::check(request, endpoint).await?;
    if let Some(operation) = endpoint.operation(request.method()) {
        if operation.checks_origin {
            origin_check::refuse_foreign(request)?;
        }
        let reply = (operation.handler)(request.clone()).await?;
        // Tests try each operation of which the table says so.
        debug_assert!(operation.issues_credentials || !reply.has_credentials, "{}", operation.id);
        return Ok(reply);
    }
    if request.method() == Method::OPTIONS {
        return Ok(options::describe(endpoint, request.configuration(), request.language()));
    }
    Err(ApiError::MethodNotAllowed(request.method().to_string()))
}

/// Sets the session cookie to the new key, or deletes it if the session has ended.
pub(crate) async fn settle_session(
    request: &ApiRequest,
    reply: &mut Reply,
) -> Result<(), AuthError> {
    let auth = request.auth();
    let rules = &request.api().cookies().session;
    let save_always = auth.settings().session.save_every_request;
    // A session that keeps the CSRF secret is read by every request.
    let is_read = save_always || request.api().settings().csrf.use_sessions;
    if is_read && request.has_session_cookie() {
        request.session().await?;
    }
    let outcome = match (reply.session.take(), request.opened_session()) {
        (Some(outcome), _) => outcome,
        (None, Some(opening)) => match &opening.session {
            None => SessionOutcome::Ended,
            Some(session) if opening.renewed => SessionOutcome::Set(session.clone()),
            Some(session) if save_always && !reply.status.is_server_error() => {
                // Boxed, because it is large and rare, and the future of every request would grow
                // by its size.
                match Box::pin(session::save(auth, session)).await? {
                    Some(saved) => SessionOutcome::Set(saved),
                    None => SessionOutcome::Ended,
                }
            }
            Some(_) => return Ok(()),
        },
        (None, None) => return Ok(()),
    };
    match outcome {
        SessionOutcome::Set(session) => {
            let age = session.lifetime(auth).cookie_age();
            reply.cookies.push(rules.set(session.key.as_str(), age, auth.now()));
            reply.touched_session = true;
        }
        SessionOutcome::Ended if request.has_session_cookie() => reply.cookies.push(rules.delete()),
        SessionOutcome::Ended => {}
    }
    Ok(())
}

fn finish(
    request: &ApiRequest,
    endpoint: &Endpoint,
    reply: Reply,
    representation: Representation,
) -> Response<Bytes> {
    let touched = reply.touched_session || request.opened_session().is_some();
    let sets_csrf =
        reply.cookies.iter().any(|c| c.name() == request.api().cookies().csrf.name.as_str());
    let writing = Writing {
        representation,
        language: request.language(),
        form_key: request.configuration().non_field_errors_key(),
        name: endpoint.name,
    };
    let mut response = render(reply, writing);
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(endpoint.allow));
    if request.api().renderers().len() > 1 {
        headers.append(VARY, HeaderValue::from_static("Accept"));
    }
    if touched || sets_csrf {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
    if request.method() == Method::HEAD {
        *response.body_mut() = Bytes::empty();
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::http::header::CONTENT_TYPE;
    use http_body_util::BodyExt as _;
    use rest_auth_settings::Profile;
    use serde_json::Value;

    use super::*;
    use crate::fixture::{self, TestApi, TestSettings};
    use crate::routes::{csrf as csrf_route, login, user_details};

    async fn start() -> TestApi {
        TestSettings::of(Profile::Strict).start().await
    }

    async fn answer(
        app: &TestApi,
        endpoint: &'static Endpoint,
        line: &str,
        headers: &[(&str, &str)],
    ) -> Response<Bytes> {
        let request = fixture::request(line, headers, "");
        dispatch(app.api.clone(), endpoint, PathParameters::default(), request).await
    }

    async fn body(response: Response<Bytes>) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_representation_is_chosen_before_credentials_are_looked_at() {
        let app = start().await;
        let user = &user_details::USER;
        let unknown = answer(&app, user, "GET /user/?format=xml", &[]).await;
        assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
        let refused = answer(&app, user, "GET /user/", &[("Accept", "text/xml")]).await;
        assert_eq!(refused.status(), StatusCode::NOT_ACCEPTABLE);
        assert_eq!(refused.headers()[CONTENT_TYPE], "application/json");
    }

    #[tokio::test]
    async fn credentials_are_asked_for_before_the_method_is_looked_at() {
        let app = start().await;
        let stranger = answer(&app, &user_details::USER, "DELETE /user/", &[]).await;
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
        let open = answer(&app, &login::LOGIN, "DELETE /login/", &[]).await;
        assert_eq!(open.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(open.headers()[ALLOW], login::LOGIN.allow);
    }

    #[tokio::test]
    async fn another_sites_page_is_refused_before_the_body_is_read() {
        let app = start().await;
        let foreign = [("Origin", "https://evil.example"), ("Content-Type", "text/plain")];
        let response = answer(&app, &login::LOGIN, "POST /login/", &foreign).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn options_describes_the_endpoint_in_the_order_of_drf() {
        let app = start().await;
        let response = answer(&app, &login::LOGIN, "OPTIONS /login/", &[]).await;
        let text = body(response).await;
        let document: Value = serde_json::from_str(&text).unwrap();
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["name", "description", "renders", "parses", "actions"]);
        let fields: Vec<&String> =
            document["actions"]["POST"].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["username", "email", "password"]);
    }

    #[tokio::test]
    async fn head_is_answered_as_get_is_without_the_body() {
        let app = start().await;
        let response = answer(&app, &csrf_route::CSRF, "HEAD /csrf/", &[]).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert!(response.headers().contains_key("set-cookie"));
        let refused = answer(&app, &user_details::USER, "HEAD /user/", &[]).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(body(refused).await, "");
    }

    #[tokio::test]
    async fn every_field_that_is_wrong_is_told_under_the_configured_key() {
        let mut settings = TestSettings::of(Profile::Strict);
        settings.http.rest_framework.non_field_errors_key = "all".to_owned();
        let app = settings.start().await;
        let request =
            fixture::request("POST /login/", &[("Content-Type", "application/json")], "[1]");
        let parameters = PathParameters::default();
        let response = dispatch(app.api.clone(), &login::LOGIN, parameters, request).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(body(response).await.starts_with("{\"all\":["));
    }
}
