//! The bodies that endpoints take.
//!
//! `form!` (in `declare`) makes of one declaration the struct that a handler takes and its `Form`:
//! the `field`s with the rules that DRF has for their `kind`, which OPTIONS and the OpenAPI document
//! show too. `read` fills the struct from a request: shape first (missing, null, blank, type,
//! length), then the `rules` of the crate `validator`, and reports every field that is wrong.
//! `values` are what fields said, on the way from the one to the other. `described` is what OPTIONS
//! says of a form. `current_password` is a field of several forms.

mod current_password;
mod declare;
mod described;
mod field;
mod json;
mod kind;
mod read;
mod rules;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use current_password::current_password;
pub(crate) use declare::{Declared, FormBody, form};
pub(crate) use described::Described;
pub(crate) use field::{Form, FormField, boolean, email, extra, json, read_only, text};
pub(crate) use kind::{Completeness, FieldKind};
pub(crate) use read::Checked;
pub(crate) use rules::{email_address, session_id};
pub(crate) use values::{FieldValue, ShownOnly, Values};
