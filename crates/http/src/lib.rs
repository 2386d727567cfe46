//! The API over HTTP, as one axum router.
//!
//! A request passes `middleware` (hosts, CORS, headers, log), finds its `endpoint` in [`router`] and
//! goes through `dispatch` in DRF's order of checks. `api_request` is the request, `schemes` knows
//! where credentials sit, `input` and `form` read the body, a file in `routes` calls the
//! flow, and `reply`, `error` and `render` make the answer. [`openapi`] describes all that.
//!
//! An application that embeds the API needs [`Api`], [`router`](router::router) and
//! [`CurrentUser`].

mod api;
mod api_request;
mod csrf;
mod current_user;
mod dispatch;
mod endpoint;
mod error;
mod form;
mod input;
mod middleware;
mod negotiation;
pub mod openapi;
mod options;
mod origin_check;
mod path_parameters;
mod render;
mod reply;
mod router;
mod routes;
mod schemes;
pub mod settings;
mod throttle;

pub use api::{Api, Settings};
pub use api_request::OverTls;
pub use current_user::{AuthRejection, CurrentUser};
pub use rest_auth_flows as flows;
pub use router::{router, standalone};
