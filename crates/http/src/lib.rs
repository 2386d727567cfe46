//! The API over HTTP, as one axum router.
//!
//! A request passes `middleware` (hosts, CORS, headers, log), finds its `endpoint` in [`router`] and
//! goes through `dispatch` in DRF's order of checks. `api_request` is the request, `schemes` knows
//! where credentials sit, `input` and `form` read the body, a file in `routes` calls the
//! flow, and `reply`, `error` and `render` make the answer. [`openapi`] describes all that.
//!
//! [`config`] reads and checks the settings of every layer, and [`open`] makes an [`Api`] of them.
//! An application that embeds the API starts with [`RestAuth`] and [`prelude`].

mod api;
mod api_request;
pub mod config;
mod csrf;
mod dispatch;
mod embed;
mod endpoint;
mod error;
mod extractors;
mod form;
mod input;
mod middleware;
mod negotiation;
pub mod open;
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
#[cfg(feature = "testing")]
pub mod testing;
mod throttle;

pub use api::{Api, Settings};
pub use api_request::OverTls;
pub use embed::{Builder, RestAuth, prelude};
pub use extractors::{AuthRejection, Authenticated, CurrentUser, OptionalUser, Scheme};
pub use open::OpenError;
pub use rest_auth_flows as flows;
pub use router::{router, standalone};
