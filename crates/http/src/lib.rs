//! The API over HTTP, as one axum router.
//!
//! A request passes `middleware` (hosts, CORS, headers, log), finds its `endpoint` in [`router`] and
//! goes through `dispatch` in DRF's order of checks. `rules` are the tables that it is checked
//! against, `request_info` is what its head tells, `api_request` the request as handlers see it.
//! `schemes` knows where credentials sit, `input` and `form` read the body, a file in `routes`
//! calls the flow, and `answers`, `reply`, `error` and `render` make the answer. `catalogue` lists
//! the endpoints, and [`openapi`] describes them. [`link_pages`](fn@link_pages) are what the links of
//! mails open where there is no front end.
//!
//! [`config`] reads and checks the settings of every layer, and [`open`] makes an [`Api`] of them.
//! An application that embeds the API starts with [`RestAuth`] and [`prelude`].

mod answers;
mod api;
mod api_request;
mod caller;
mod catalogue;
pub mod config;
mod csrf;
mod dispatch;
mod embed;
mod endpoint;
mod error;
mod extractors;
#[cfg(test)]
mod fixture;
mod form;
mod input;
mod link_pages;
mod middleware;
mod negotiation;
pub mod open;
pub mod openapi;
mod options;
mod origin_check;
mod pages;
mod path_parameters;
mod paths;
mod refusals;
mod render;
mod reply;
mod request_info;
mod router;
mod routes;
mod rules;
mod schemes;
pub mod settings;
#[cfg(feature = "testing")]
pub mod testing;
mod throttle;
mod well_known;

pub use api::Api;
pub use embed::{Builder, RestAuth, prelude};
pub use extractors::{AuthRejection, Authenticated, CredentialScheme, CurrentUser, OptionalUser};
pub use link_pages::link_pages;
pub use open::OpenError;
pub use request_info::OverTls;
pub use rest_auth_flows as flows;
pub use router::{router, standalone};
pub use settings::{ApiSettings, Configuration};
pub use well_known::well_known;
