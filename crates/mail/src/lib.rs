//! Mails to users, and their delivery.
//!
//! In reading order: [`content`] is the kind, recipient and variables of a mail, [`templates`] render it,
//! [`message`] is the MIME message, [`transport`] sends it, and [`mailer`] puts them together.
//! [`settings`] is the section `[email]`, and [`setup`] makes a way to send of it; [`misnamed()`] finds
//! templates that nothing uses.

mod builtin;
pub mod content;
pub mod error;
mod html;
pub mod mailer;
pub mod message;
mod misnamed;
mod paragraphs;
mod sample;
pub mod settings;
pub mod setup;
pub mod templates;
pub mod transport;

pub use content::{MailContent, MailKind};
pub use error::MailError;
pub use mailer::Mailer;
pub use message::MailMessage;
pub use misnamed::{MisnamedTemplate, misnamed};
pub use settings::{EmailBackend, EmailSettings};
pub use setup::{MailSettings, MailSetupError};
pub use templates::Rendered;
pub use transport::memory::Inbox;
pub use transport::send_slot::Receipt;
