//! The promises of the server, held to from outside.
//!
//! [`server`] runs it inside the test process, on a database of its own and a clock that is wound
//! by hand, and [`client`] talks to it; [`contract`] replays recorded conversations against it;
//! [`provider`] plays an `OpenID` provider, and [`openid_peer`] is one; [`openapi_check`] holds answers against the OpenAPI document; [`data`] finds what was recorded;
//! [`on_every_database!`] makes a test per database;
//! [`timing`] tells whether two kinds of requests take the same time; [`browser`] is a real browser.

pub mod browser;
pub mod client;
pub mod contract;
pub mod data;
pub mod every_database;
pub mod openapi_check;
pub mod openid_peer;
pub mod provider;
pub mod server;
pub mod timing;
