//! What an endpoint is.
//!
//! `entry` is the table entry that the dispatcher, OPTIONS and OpenAPI all read. A `handler` takes a
//! request and what is read from it. An `outcome` is one answer of a method, with the `body_schema`
//! of its body; `outcomes` are those that several endpoints give. `mounted` is an
//! endpoint at its path. A `tag` is the chapter of the
//! document that an endpoint stands in.

pub(crate) mod body_schema;
mod entry;
mod handler;
mod mounted;
pub(crate) mod outcome;
pub(crate) mod outcomes;
pub(crate) mod tag;

pub(crate) use entry::{Endpoint, Operation, SCOPE};
pub(crate) use handler::{Handler, Handles, PathId, PathName, handler};
pub(crate) use mounted::Mounted;
