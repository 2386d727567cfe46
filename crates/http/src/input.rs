//! Request bodies, read as DRF's parsers read them: `body` chooses the parser by the content type
//! and reads JSON, `form_body` and `multipart` read the two types of HTML forms.

mod body;
mod form_body;
mod multipart;

pub(crate) use body::{Fields, Input, MediaType, RawValue, is_absent};
