//! The OpenAPI document of a configuration, and the page to read it with.
//!
//! [`document`] walks the endpoints that the configuration switches on. `operation` describes
//! one method of one of them: its `fields` come from the form that also checks them, its answers
//! from the endpoint, a `response` for each status, and the `failures` that all endpoints share from what the dispatcher does.
//! The bodies of answers are derived from the structs of `answers`, and `patch` adds what only the
//! configuration knows. `security` are the credentials. `publish` serves the result, which
//! `published` writes for the path that the API is mounted at; `json_only` is for generators.

pub(crate) mod document;
mod failures;
mod fields;
mod json_only;
mod operation;
mod patch;
pub(crate) mod publish;
mod published;
mod response;
mod security;

pub use document::document;
pub use json_only::keep_json;
