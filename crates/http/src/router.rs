//! The routes, to mount into any axum application or to serve by themselves.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::any;

use crate::api::Api;
use crate::catalogue;
use crate::dispatch::dispatch;
use crate::link_pages;
use crate::middleware::{self, NoRoute};
use crate::openapi::publish;
use crate::pages;
use crate::path_parameters::PathParameters;
use crate::well_known::well_known;

/// The API, to nest at any path of another application. Every path works with and without its
/// trailing slash. Unknown paths are left to the application.
pub fn router<S>(api: &Api) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    routes(api, "").layer(from_fn_with_state(api.clone(), middleware::pass))
}

/// The API by itself, mounted at `server.base_path`; unknown paths get a page that says so.
pub fn standalone(api: &Api) -> Router {
    let base = api.settings().server.base_path.trim_end_matches('/');
    let app = routes(api, base).merge(publish::start(api.configuration(), base));
    let app = app.merge(well_known(api)).merge(link_pages::routes(api)).fallback(not_found);
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

async fn not_found() -> Response<Body> {
    let mut page = pages::page(StatusCode::NOT_FOUND);
    page.extensions_mut().insert(NoRoute);
    page
}
