//! Request bodies, read as DRF's parsers read them: `body` chooses the parser by the content type
//! and reads JSON, `form_body` reads the two types of HTML forms.

mod body;
mod form_body;

pub(crate) use body::{Fields, Given, Input, is_absent};
