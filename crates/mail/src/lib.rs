//! Letters to account owners, and their delivery.
//!
//! Read [`letter`] for what can be said, [`templates`] for how it is worded, [`message`] for the
//! form in which it travels, [`transport`] for the ways it can go, and [`mailer`], which puts them
//! together. [`settings`] is what an operator may say about it.

mod builtin;
pub mod letter;
pub mod mailer;
pub mod message;
mod paragraphs;
mod sample;
pub mod settings;
pub mod templates;
pub mod transport;

pub use letter::{Letter, LetterKind};
pub use mailer::{MailSettings, MailSetupError, Mailer};
pub use message::Message;
pub use settings::{EmailBackend, EmailSettings};
pub use templates::Rendered;
pub use transport::MailError;
pub use transport::memory::Inbox;
pub use transport::send_slot::Receipt;
