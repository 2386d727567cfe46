//! Every sentence that the API can say, in every language in which Django, DRF, allauth or
//! dj-rest-auth has it.
//!
//! `sentences` is the table, declared by the macro in `declare`; `problem` turns what the rules of this crate find into sentences;
//! `attribute` and `parts` hold what stands inside a sentence, `caption` what stands beside a field;
//! `text` puts sentences together;
//! `code` gives the machine codes; `catalogue` reads the translations, which lie in `catalog/` and
//! are listed in `files`.

mod attribute;
mod caption;
pub(crate) mod catalogue;
mod code;
mod declare;
pub(crate) mod files;
mod parts;
mod problem;
mod sentences;
mod text;

pub use caption::Caption;
pub use sentences::Message;
