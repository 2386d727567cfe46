//! `<provider>/begin/`, `<provider>/callback/` and `google/onetap/`: logins that the browser makes at
//! a provider.

use axum::http::header::LOCATION;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use rest_auth_domain::cookie::{Cookie, SameSite};
use rest_auth_domain::message::Message;
use rest_auth_domain::signing;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::limits::Action;
use rest_auth_flows::social::ProviderProof;
use rest_auth_flows::social::browser::{
    self, Beginning, Begun, Departure, LIFETIME, ProviderAnswer, ReturnResult, Returned,
};
use serde_json::Value;

use crate::answers::{BadRequest, BeginAnswer};
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::{AnswerContent, PossibleAnswer};
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::{Body, Reply};
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// The cookie that binds a login to the browser that began it.
const COOKIE: &str = "rest_auth_social";

pub(crate) const SOCIAL_BEGIN: Endpoint = Endpoint {
    path: "{provider}/begin/",
    name: "Social Begin",
    description: "Send the browser to the provider (GET), or learn where to send it (POST), which for a \
                  user who is logged in connects the account. It comes back to `redirect_url` with \
                  `code`, `signup_token`, `connected` or `error`.",
    tag: Tag::Social,
    allow: "GET, POST, HEAD, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", BeginForm::declared)),
    operations: &[
        Operation::new(
            Method::GET,
            "begin{provider}",
            "Send the browser to {provider}",
            handler!(go),
            go_answers,
        )
        .asking(&[
            ("redirect_url", "Where the browser is sent in the end."),
            ("code_challenge", "The digest of the front end's secret (RFC 7636, S256)."),
        ]),
        Operation::new(
            Method::POST,
            "prepare{provider}",
            "Learn where to send the browser to log in with {provider}",
            handler!(prepare),
            prepare_answers,
        )
        .checking_origin(),
    ],
};

pub(crate) const SOCIAL_CALLBACK: Endpoint = Endpoint {
    path: "{provider}/callback/",
    name: "Social Callback",
    description: "Where the provider sends the browser back.",
    tag: Tag::Social,
    allow: "GET, POST, HEAD, OPTIONS",
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
    /// What a front end begins a login with.
    pub(crate) struct BeginForm(_) {
        redirect_url: String = text().optional().blankable(),
        code_challenge: String = text().optional().blankable(),
    }
}

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

fn go_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    let framed = PossibleAnswer::sentence(StatusCode::FORBIDDEN, &Message::PermissionDenied)
        .describe("The browser does not go there, but shows it within a page.");
    vec![redirect("To the provider, or with an error to the front end."), bad_request(), framed]
}

fn prepare_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let down = PossibleAnswer::sentence(StatusCode::BAD_GATEWAY, &Message::ProviderUnavailable);
    let limited = outcomes::limited(configuration, &[Action::Login]);
    let told = PossibleAnswer::json::<BeginAnswer>(StatusCode::OK, "Where to send the browser.");
    [told, down].into_iter().chain(limited).collect()
}

fn returned_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![redirect("To the front end."), bad_request()]
}

fn redirect(description: &'static str) -> PossibleAnswer {
    PossibleAnswer::new(StatusCode::SEE_OTHER, description, AnswerContent::Empty)
        .header("Location", "The next address.")
}

fn bad_request() -> PossibleAnswer {
    PossibleAnswer::json::<BadRequest>(
        StatusCode::BAD_REQUEST,
        "The login was not begun here, or the address of the front end is not allowed.",
    )
}

async fn go(request: ApiRequest) -> Result<Reply, ApiError> {
    // A picture on a page of another site must not use up anybody's limit.
    if request.header(&SEC_FETCH_MODE).is_some_and(|mode| mode != "navigate") {
        return Err(ApiError::forbidden(Message::PermissionDenied));
    }
    let asked = |name: &str| request.query(name).unwrap_or_default();
    let beginning = Beginning {
        redirect_url: asked("redirect_url"),
        code_challenge: asked("code_challenge"),
        browser: request.cookie(&cookie_name(&request)),
    };
    let provider = request.provider()?;
    // A page of another site can send a browser here: it logs in, and connects nothing.
    match browser::depart(request.auth(), request.context(), provider, beginning).await? {
        Departure::Begun(begun) => Ok(bound(&request, sent_to(&begun.url), &begun)),
        Departure::Failed(returned) => sent_back(&request, provider, returned),
    }
}

async fn prepare(request: ApiRequest, form: BeginForm) -> Result<Reply, ApiError> {
    let BeginForm { redirect_url, code_challenge } = form;
    let browser = request.cookie(&cookie_name(&request));
    let beginning = Beginning { redirect_url, code_challenge, browser };
    let (provider, user) = (request.provider()?, request.caller().user.as_ref());
    let begun =
        browser::begin(request.auth(), request.context(), user, provider, beginning).await?;
    let answer = BeginAnswer { authorization_url: begun.url.clone() };
    Ok(bound(&request, Reply::json(&answer), &begun))
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

async fn came_back_by_form(request: ApiRequest, form: CallbackForm) -> Result<Reply, ApiError> {
    let CallbackForm { state, code, error, iss, user } = form;
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
    sent_back(request, provider, returned)
}

async fn one_tap(request: ApiRequest, form: OneTapForm) -> Result<Reply, ApiError> {
    let OneTapForm { credential, g_csrf_token } = form;
    let cookie = request.cookie("g_csrf_token").unwrap_or_default();
    if g_csrf_token.is_empty() || !signing::same(&cookie, &g_csrf_token) {
        return Err(AuthError::field("g_csrf_token", Message::OneTapTokensDiffer).into());
    }
    let provider = request.provider()?;
    let proof = ProviderProof { id_token: credential, ..ProviderProof::default() };
    let returned = browser::one_tap(request.auth(), request.context(), provider, proof).await?;
    sent_back(&request, provider, returned)
}

/// Sends the browser to the front end, with the result.
fn sent_back(request: &ApiRequest, provider: &str, returned: Returned) -> Result<Reply, ApiError> {
    let Returned { redirect_url, result } = returned;
    let with = |name: &str, value: &str| {
        let separator = if redirect_url.contains('?') { '&' } else { '?' };
        let pair =
            form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        sent_to(&format!("{redirect_url}{separator}{pair}"))
    };
    match result {
        ReturnResult::LoggedIn(done) => {
            let done =
                schemes::logged_in(request, rest_auth_flows::login::Outcome::LoggedIn(done))?;
            // The credentials are in cookies; the body of a login is not shown to anybody.
            let location = sent_to(&redirect_url).headers;
            let headers = done.headers.into_iter().chain(location).collect();
            Ok(Reply { status: StatusCode::SEE_OTHER, body: Body::Empty, headers, ..done })
        }
        ReturnResult::Code(code) => Ok(with("code", &code)),
        ReturnResult::SignUp(token) => Ok(with("signup_token", &token)),
        ReturnResult::Connected => Ok(with("connected", provider)),
        ReturnResult::Failed(reason) => Ok(with("error", reason)),
    }
}

fn sent_to(url: &str) -> Reply {
    let reply = Reply::new(StatusCode::SEE_OTHER, Body::Empty);
    match HeaderValue::from_str(url) {
        Ok(location) => reply.header(LOCATION, location),
        // The address was checked to be printable ASCII, or comes from the configuration.
        Err(_) => Reply::detail(StatusCode::BAD_GATEWAY, Message::ProviderUnavailable),
    }
}

/// The answer with the cookie that binds the login to this browser. A provider that posts its answer
/// sends it from another site, and browsers leave cookies away then unless they have `SameSite=None`.
fn bound(request: &ApiRequest, reply: Reply, begun: &Begun) -> Reply {
    let posts = request.provider().is_ok_and(|id| request.auth().social().posts_form(id));
    let is_secure = is_secure(request);
    let age = i64::try_from(LIFETIME.as_secs()).unwrap_or_default();
    let same_site = if posts && is_secure { SameSite::None } else { SameSite::Lax };
    let cookie = Cookie::new(cookie_name(request), begun.browser.as_str())
        .lasting(age, request.auth().now())
        .path("/")
        .http_only()
        .same_site(Some(same_site));
    reply.cookie(if is_secure { cookie.secure() } else { cookie })
}

/// Over https no other host of the domain can set it (RFC 6265bis, section 4.1.3.2).
fn cookie_name(request: &ApiRequest) -> String {
    let posts = request.provider().is_ok_and(|id| request.auth().social().posts_form(id));
    // The one with `SameSite=None` is another cookie, so that neither takes the place of the other.
    let name = if posts { format!("{COOKIE}_form") } else { COOKIE.to_owned() };
    if is_secure(request) { format!("__Host-{name}") } else { name }
}

fn is_secure(request: &ApiRequest) -> bool {
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
