//! The API over HTTP, as one axum router.
//!
//! A request passes `gate` (hosts, CORS, headers, log), finds its `endpoint` in [`router`] and
//! goes through `dispatch` in DRF's order of checks. `visit` is the request, `schemes` knows
//! where credentials sit, `input` and `form` read the body, a file in `routes` calls the
//! flow, and `reply`, `error` and `render` make the answer. [`openapi`] describes all that.
//!
//! An application that embeds the API needs [`Site`], [`router`](router::router) and
//! [`CurrentUser`].

mod csrf;
mod current_user;
mod dispatch;
mod endpoint;
mod error;
mod form;
mod gate;
mod input;
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
mod site;
mod throttle;
mod visit;

pub use current_user::{CurrentUser, Turned};
pub use rest_auth_flows as flows;
pub use router::{router, standalone};
pub use site::{Settings, Site};
pub use visit::OverTls;
