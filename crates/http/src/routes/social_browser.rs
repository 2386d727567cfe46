//! `<provider>/callback/` and `google/onetap/`: logins that the browser has made at a provider.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_domain::signing;
use rest_auth_flows::social::ProviderProof;
use rest_auth_flows::social::browser::{self, ProviderAnswer, ReturnResult, Returned};
use serde_json::Value;

use crate::answers::BadRequest;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::{AnswerContent, PossibleAnswer};
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Checked, FormBody as _, form, text};
use crate::reply::{Body, Reply};
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

/// The cookie that binds a login to the browser that began it.
const COOKIE: &str = "rest_auth_social";

/// What a front end is told in the query of its address.
const CODE: &str = "code";
const SIGNUP_TOKEN: &str = "signup_token";
const CONNECT_CODE: &str = "connect_code";
const ERROR: &str = "error";
const TOLD: [&str; 4] = [CODE, SIGNUP_TOKEN, CONNECT_CODE, ERROR];

pub(crate) const SOCIAL_CALLBACK: Endpoint = Endpoint {
    path: "{provider}/callback/",
    name: "Social Callback",
    description: "Where the provider sends the browser back.",
    tag: Tag::Social,
    allow: "GET, POST, OPTIONS",
    access: Access::Unauthenticated,
    scope: Some(SCOPE),
    form: Some(("POST", CallbackForm::declared)),
    operations: &[
        Operation::new(
            Method::GET,
            "return{provider}",
            "Return from {provider}",
            handler!(came_back),
            returned_answers,
        )
        .issuing_credentials()
        .using_up()
        .asking(&[
            ("state", "What the login was begun with."),
            ("code", "The code of the provider."),
            ("error", "Why there is none."),
            ("iss", "Who answers (RFC 9207)."),
        ]),
        Operation::new(
            Method::POST,
            "returnByForm{provider}",
            "Return from {provider} with a form",
            handler!(came_back_by_form),
            returned_answers,
        )
        .issuing_credentials(),
    ],
};

pub(crate) const GOOGLE_ONE_TAP: Endpoint = Endpoint {
    path: "{provider}/onetap/",
    name: "Google One Tap",
    description: "The target of the form of Google's button and One Tap. The browser is sent on as at \
                  the end of a login.",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::Unauthenticated,
    scope: Some(SCOPE),
    form: Some(("POST", OneTapForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "oneTap{provider}",
        "Log in by the form of {provider}'s button",
        handler!(one_tap),
        returned_answers,
    )
    .issuing_credentials()],
};

form! {
    /// What a provider posts.
    pub(crate) struct CallbackForm(_) {
        state: String = text().optional().blankable(),
        code: String = text().optional().blankable(),
        error: String = text().optional().blankable(),
        iss: Option<String> = text().optional().blankable(),
        user: String = text().optional().blankable(),
    }
}

form! {
    /// What Google's page posts.
    pub(crate) struct OneTapForm(_) {
        credential: String = text(),
        g_csrf_token: String = text().optional().blankable(),
    }
}

fn returned_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![redirect("To the front end."), bad_request()]
}

pub(super) fn redirect(description: &'static str) -> PossibleAnswer {
    PossibleAnswer::new(StatusCode::SEE_OTHER, description, AnswerContent::Empty)
        .header("Location", "The next address.")
}

pub(super) fn bad_request() -> PossibleAnswer {
    PossibleAnswer::json::<BadRequest>(
        StatusCode::BAD_REQUEST,
        "The login was not begun here, or the address of the front end is not allowed.",
    )
}

async fn came_back(request: ApiRequest) -> Result<Reply, ApiError> {
    let asked = |name: &str| request.query(name).unwrap_or_default();
    let answer = ProviderAnswer {
        state: asked("state"),
        code: asked("code"),
        device_id: asked("device_id"),
        error: asked("error"),
        issuer: request.query("iss"),
        name: None,
        browser: request.cookie(&cookie_name(&request)),
    };
    finish(&request, answer).await
}

async fn came_back_by_form(
    request: ApiRequest,
    form: Checked<CallbackForm>,
) -> Result<Reply, ApiError> {
    // A browser does not end on a list of errors: what no field can be is as good as nothing.
    let CallbackForm { state, code, error, iss, user } = form.fields;
    let browser = request.cookie(&cookie_name(&request));
    let issuer = iss.filter(|issuer| !issuer.is_empty());
    let name = name(&user);
    let answer =
        ProviderAnswer { state, code, error, issuer, name, browser, ..ProviderAnswer::default() };
    finish(&request, answer).await
}

async fn finish(request: &ApiRequest, answer: ProviderAnswer) -> Result<Reply, ApiError> {
    let provider = request.provider()?;
    let returned = browser::returned(request.auth(), request.context(), provider, answer).await?;
    sent_back(request, returned)
}

async fn one_tap(request: ApiRequest, form: Checked<OneTapForm>) -> Result<Reply, ApiError> {
    // As above: a browser does not end on a list of errors.
    let OneTapForm { credential, g_csrf_token } = form.fields;
    let cookie = request.cookie("g_csrf_token").unwrap_or_default();
    let is_of_page = !g_csrf_token.is_empty() && signing::same(&cookie, &g_csrf_token);
    let provider = request.provider()?;
    let (auth, context) = (request.auth(), request.context());
    let returned = if is_of_page {
        let proof = ProviderProof { id_token: credential, ..ProviderProof::default() };
        browser::one_tap(auth, context, provider, proof).await?
    } else {
        browser::stray_tap(auth, context, provider)?
    };
    sent_back(&request, returned)
}

/// Sends the browser to the front end, with the result.
pub(super) fn sent_back(request: &ApiRequest, returned: Returned) -> Result<Reply, ApiError> {
    let Returned { redirect_url, result } = returned;
    let redirect_url = without_told(&redirect_url);
    let with = |name: &str, value: &str| sent_to(&with_told(&redirect_url, name, value));
    match result {
        ReturnResult::LoggedIn(done) => {
            let done =
                schemes::logged_in(request, rest_auth_flows::login::Outcome::LoggedIn(done))?;
            // The credentials are in cookies; the body of a login is not shown to anybody.
            let location = sent_to(&redirect_url).headers;
            let headers = done.headers.into_iter().chain(location).collect();
            Ok(Reply { status: StatusCode::SEE_OTHER, body: Body::Empty, headers, ..done })
        }
        ReturnResult::Code(code) => Ok(with(CODE, &code)),
        ReturnResult::SignUp(token) => Ok(with(SIGNUP_TOKEN, &token)),
        ReturnResult::Connect(code) => Ok(with(CONNECT_CODE, &code)),
        ReturnResult::Failed(reason) => Ok(with(ERROR, reason)),
    }
}

/// The address of a front end with what it is told in the query.
fn with_told(redirect_url: &str, name: &str, value: &str) -> String {
    let (page, fragment) = at_fragment(redirect_url);
    let separator = if page.contains('?') { '&' } else { '?' };
    let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    format!("{page}{separator}{pair}{fragment}")
}

/// An address and the fragment that follows its query, with the `#`.
fn at_fragment(url: &str) -> (&str, &str) {
    url.split_at(url.find('#').unwrap_or(url.len()))
}

/// The address of a front end without what only the server tells it. Anybody can put a code of their
/// own into the address that a link names, and the page would take it for the end of this login.
fn without_told(redirect_url: &str) -> String {
    let (whole, fragment) = at_fragment(redirect_url);
    let Some((page, query)) = whole.split_once('?') else { return redirect_url.to_owned() };
    let is_told = |pair: &str| {
        form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| TOLD.contains(&&*name))
    };
    let kept: Vec<_> = query.split('&').filter(|p| !p.is_empty() && !is_told(p)).collect();
    let separator = if kept.is_empty() { "" } else { "?" };
    format!("{page}{separator}{}{fragment}", kept.join("&"))
}

pub(super) fn sent_to(url: &str) -> Reply {
    let reply = Reply::new(StatusCode::SEE_OTHER, Body::Empty);
    match HeaderValue::from_str(url) {
        Ok(location) => reply.header(LOCATION, location),
        // The address was checked to be printable ASCII, or comes from the configuration.
        Err(_) => Reply::detail(StatusCode::BAD_GATEWAY, Message::ProviderUnavailable),
    }
}

/// Over https no other host of the domain can set it (RFC 6265bis, section 4.1.3.2).
pub(super) fn cookie_name(request: &ApiRequest) -> String {
    let posts = request.provider().is_ok_and(|id| request.auth().social().posts_form(id));
    // The one with `SameSite=None` is another cookie, so that neither takes the place of the other.
    let name = if posts { format!("{COOKIE}_form") } else { COOKIE.to_owned() };
    if is_secure(request) { format!("__Host-{name}") } else { name }
}

pub(super) fn is_secure(request: &ApiRequest) -> bool {
    let public = request.api().settings().server.public_url.as_deref();
    public.is_some_and(|url| url.starts_with("https://"))
}

/// The name in the JSON that Apple sends beside the first code.
fn name(user: &str) -> Option<(String, String)> {
    let user: Value = serde_json::from_str(user).ok()?;
    let part = |pointer: &str| {
        user.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    Some((part("/name/firstName"), part("/name/lastName")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_end_keeps_its_own_parameters() {
        for (given, kept) in [
            ("https://app.example.com/done", "https://app.example.com/done"),
            ("https://app.example.com/done?code=x", "https://app.example.com/done"),
            ("https://a.example/?tab=2&%63ode=x&code", "https://a.example/?tab=2"),
            (
                "https://a.example/?error=x&next=%2Fa%3Fcode%3D1",
                "https://a.example/?next=%2Fa%3Fcode%3D1",
            ),
            (
                "https://a.example/?signup_token=x&connect_code=y#code=z",
                "https://a.example/#code=z",
            ),
            ("com.example.app:/done?code=x&codes=1", "com.example.app:/done?codes=1"),
            ("https://a.example/?", "https://a.example/"),
            ("https://a.example/#/done?code=x", "https://a.example/#/done?code=x"),
        ] {
            assert_eq!(without_told(given), kept, "{given}");
        }
    }

    #[test]
    fn a_front_end_is_told_in_the_query() {
        for (page, told) in [
            ("https://a.example/done", "https://a.example/done?code=a%26b"),
            ("https://a.example/?tab=2", "https://a.example/?tab=2&code=a%26b"),
            ("https://a.example/#/done?x=1", "https://a.example/?code=a%26b#/done?x=1"),
            ("com.example.app:/done", "com.example.app:/done?code=a%26b"),
        ] {
            assert_eq!(with_told(page, "code", "a&b"), told, "{page}");
        }
    }
}
