//! Request bodies in JSON, read exactly as Django REST framework reads them with Python's `json`.
//!
//! [`read`] takes the body and the charset of its content type. The steps are [`charset`], which
//! turns bytes into text, and the parser; every refusal is a [`JsonInputError`], whose text is
//! the `detail` that the client gets.

mod body;
pub mod charset;
mod decode;
mod error;
mod parser;
mod string;
mod value;

pub use body::{parse, read};
pub use decode::{DecodeError, WrongSequence};
pub use error::{JsonInputError, SyntaxError, SyntaxProblem};
pub use value::{JsonText, JsonValue};
