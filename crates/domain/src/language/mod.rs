//! Which language an answer is in: `offered` chooses as Django's `LocaleMiddleware` does, from what
//! `accepted` reads in the request.

mod accepted;
mod offered;

pub use offered::{ENGLISH, Language, Languages, UnknownLanguage};
