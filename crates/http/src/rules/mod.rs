//! What requests are checked against and answers are made with, prepared once from the settings.
//!
//! Nothing here sees a request as a whole: the verbs that use a table stand above it, in
//! `middleware`, `schemes` and `throttle`.

pub(crate) mod access;
pub(crate) mod authenticators;
pub(crate) mod body_limits;
pub(crate) mod cookies;
pub(crate) mod cors;
pub(crate) mod hosts;
pub(crate) mod languages;
pub(crate) mod proxies;
pub(crate) mod security_headers;
pub(crate) mod throttles;
