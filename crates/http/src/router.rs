//! The routes, to mount into any axum application or to serve by themselves.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::ACCEPT;
use axum::http::{Response, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use rest_auth_domain::language::ENGLISH;
use rest_auth_domain::message::Message;

use crate::api::Api;
use crate::catalogue;
use crate::dispatch::dispatch;
use crate::link_pages;
use crate::middleware::{self, NoRoute};
use crate::negotiation::{self, Representation};
use crate::openapi::publish;
use crate::pages;
use crate::path_parameters::PathParameters;
use crate::render::{Writing, render};
use crate::reply::Reply;
use crate::request_info::RequestInfo;
use crate::settings::rest_framework::Renderer;
use crate::well_known::well_known;

/// The API, to nest at any path of another application. Every path works with and without its
/// trailing slash. Unknown paths are left to the application.
pub fn router<S>(api: &Api) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    routes(api, "").layer(from_fn_with_state(api.clone(), middleware::pass))
}

/// The API by itself, mounted at `server.base_path`; unknown paths get an answer that says so.
pub fn standalone(api: &Api) -> Router {
    let base = api.settings().server.base_path.trim_end_matches('/');
    let app = routes(api, base).merge(publish::start(api.configuration(), base));
    let nowhere = api.clone();
    let nowhere = move |request: Request| async move { not_found(&nowhere, &request) };
    let app = app.merge(well_known(api)).merge(link_pages::routes(api)).fallback(nowhere);
    // Routes compare paths literally, so paths are normalized before a route is chosen.
    Router::new().fallback_service(app).layer(from_fn_with_state(api.clone(), middleware::enter))
}

/// The routes below a path, which has no slash at its end.
fn routes<S>(api: &Api, base: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mut router = publish::routes(api.configuration(), base);
    for endpoint in catalogue::endpoints(api.configuration()) {
        let (api, path) = (api.clone(), format!("{base}/{}", endpoint.path()));
        let answer = any(move |parameters: PathParameters, request: Request| {
            let parameters = parameters.with_provider(endpoint.provider().map(|id| &**id));
            dispatch(api.clone(), endpoint.endpoint(), parameters, request)
        });
        router = router.route(path.trim_end_matches('/'), answer.clone()).route(&path, answer);
    }
    router
}

/// A page for a browser that somebody sits at, and the sentence of the API for everybody else.
fn not_found(api: &Api, request: &Request) -> Response<Body> {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let chosen = negotiation::choose(&[Renderer::Json, Renderer::BrowsableApi], None, accept);
    let wants_page = chosen.is_ok_and(|chosen| chosen.renderer == Renderer::BrowsableApi);
    let mut response = if wants_page {
        pages::page(StatusCode::NOT_FOUND)
    } else {
        let info = request.extensions().get::<RequestInfo>();
        let writing = Writing {
            representation: Representation { renderer: Renderer::Json, indent: None },
            language: info.map_or(&ENGLISH, |info| &info.language),
            form_key: api.configuration().non_field_errors_key(),
            name: "Error",
        };
        render(Reply::detail(StatusCode::NOT_FOUND, Message::NotFound), writing)
    };
    response.extensions_mut().insert(NoRoute);
    response
}
