//! The OpenAPI document of a configuration, and the page to read it with.
//!
//! [`document`] walks the endpoints that the configuration switches on. `operation` describes
//! one method of one of them: its `fields` come from the form that also checks them, its
//! `outcome`s from the endpoint, and the `failures` that all endpoints share from what the
//! dispatcher does. `schemas` are the bodies, `security` the credentials, `tag`s the
//! chapters. `publish` serves the result, which `published` writes for the path that the API is
//! mounted at.

pub(crate) mod document;
mod failures;
mod fields;
mod operation;
pub(crate) mod outcome;
pub(crate) mod publish;
mod published;
pub(crate) mod schemas;
mod security;
pub(crate) mod tag;

pub use document::document;
