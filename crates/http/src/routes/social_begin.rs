//! `<provider>/begin/`: the way of the browser to a provider.

use axum::http::{HeaderName, Method, StatusCode};
use rest_auth_domain::cookie::{Cookie, SameSite};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::social::browser::{self, Asked, Beginning, Begun, Departure, LIFETIME};

use super::social_browser::{bad_request, cookie_name, is_secure, redirect, sent_back, sent_to};
use crate::answers::BeginAnswer;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");

pub(crate) const SOCIAL_BEGIN: Endpoint = Endpoint {
    path: "{provider}/begin/",
    name: "Social Begin",
    description: "Send the browser to the provider (GET), or learn where to send it for that (POST), \
                  which for a user who is logged in connects an account. It comes back to \
                  `redirect_url` with `code`, `signup_token`, `connect_code` or `error`.",
    tag: Tag::Social,
    allow: "GET, POST, OPTIONS",
    access: Access::AnyoneOrUser,
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
            ("begin_code", "What the address has in it that `POST` answers, in place of both."),
        ])
        .using_up(),
        Operation::new(
            Method::POST,
            "prepare{provider}",
            "Learn where to send the browser for {provider}",
            handler!(prepare),
            prepare_answers,
        )
        .checking_origin(),
    ],
};

form! {
    /// What a front end begins a login with.
    pub(crate) struct BeginForm(_) {
        redirect_url: String = text().optional().blankable(),
        code_challenge: String = text().optional().blankable(),
    }
}

fn go_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    let framed = PossibleAnswer::sentence(StatusCode::FORBIDDEN, &Message::PermissionDenied)
        .describe("The browser does not go there, but shows it within a page, or looks ahead.");
    vec![redirect("To the provider, or with an error to the front end."), bad_request(), framed]
}

fn prepare_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let limited = outcomes::limited(configuration, &[Action::SocialBegin]);
    let told = PossibleAnswer::json::<BeginAnswer>(StatusCode::OK, "Where to send the browser.");
    let stale = outcomes::reauthentication(configuration);
    [told].into_iter().chain(limited).chain(stale).collect()
}

async fn go(request: ApiRequest) -> Result<Reply, ApiError> {
    // A picture or a frame on a page of another site must use up neither a limit nor an address.
    if !goes_there(&request) {
        return Err(ApiError::forbidden(Message::PermissionDenied));
    }
    let asked = |name: &str| request.query(name).unwrap_or_default();
    let asked = match request.query("begin_code") {
        Some(code) => Asked::Address(code),
        None => Asked::Link(Beginning {
            redirect_url: asked("redirect_url"),
            code_challenge: asked("code_challenge"),
        }),
    };
    let (provider, cookie) = (request.provider()?, request.cookie(&cookie_name(&request)));
    // A page of another site can send a browser here. Its own cookies count for nothing: it logs in,
    // and connects nothing.
    match browser::depart(request.auth(), request.context(), provider, asked, cookie).await? {
        Departure::Begun(begun) => Ok(bound(&request, &begun)),
        Departure::Failed(returned) => sent_back(&request, returned),
    }
}

/// Whether the browser goes to the address with the whole window and now, as far as it says (Fetch
/// Metadata). Old browsers and programs say nothing.
fn goes_there(request: &ApiRequest) -> bool {
    let is =
        |name: &HeaderName, wanted: &str| request.header(name).is_none_or(|said| said == wanted);
    let is_ahead = request.header(&SEC_PURPOSE).is_some();
    is(&SEC_FETCH_MODE, "navigate") && is(&SEC_FETCH_DEST, "document") && !is_ahead
}

async fn prepare(request: ApiRequest, form: BeginForm) -> Result<Reply, ApiError> {
    let BeginForm { redirect_url, code_challenge } = form;
    let beginning = Beginning { redirect_url, code_challenge };
    let (provider, user) = (request.provider()?, request.caller().user.as_ref());
    let (auth, context) = (request.auth(), request.context());
    let begin_url = browser::prepare(auth, context, user, provider, beginning).await?;
    Ok(Reply::json(&BeginAnswer { begin_url }))
}

/// Sends the browser to the provider, with the cookie that binds the login to it. A provider that posts
/// its answer sends it from another site, and browsers leave cookies away then unless they have
/// `SameSite=None`.
fn bound(request: &ApiRequest, begun: &Begun) -> Reply {
    let posts = request.provider().is_ok_and(|id| request.auth().social().posts_form(id));
    let is_secure = is_secure(request);
    let age = i64::try_from(LIFETIME.as_secs()).unwrap_or_default();
    let same_site = if posts && is_secure { SameSite::None } else { SameSite::Lax };
    let cookie = Cookie::new(cookie_name(request), begun.browser.as_str())
        .lasting(age, request.auth().now())
        .path("/")
        .http_only()
        .same_site(Some(same_site));
    sent_to(&begun.url).cookie(if is_secure { cookie.secure() } else { cookie })
}
