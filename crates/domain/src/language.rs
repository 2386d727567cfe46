//! The language of an answer: `offered` chooses it as Django's `LocaleMiddleware` does, by the
//! header that `accepted` reads.

mod accepted;
mod offered;

pub use offered::{ENGLISH, Language, Languages, UnknownLanguage};
