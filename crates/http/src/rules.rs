//! Tables for checking requests and making answers, prepared once from the settings.
//!
//! The functions that apply these tables to requests are in `middleware`, `schemes` and `throttle`.

pub(crate) mod access;
pub(crate) mod authenticators;
pub(crate) mod body_limits;
pub(crate) mod cookies;
pub(crate) mod cors;
pub(crate) mod forwarded;
pub(crate) mod hosts;
pub(crate) mod languages;
mod prepared;
pub(crate) mod proxies;
pub(crate) mod security_headers;
pub(crate) mod throttles;

pub(crate) use prepared::Rules;
