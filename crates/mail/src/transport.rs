//! The ways in which a message is sent.

pub(crate) mod file;
pub mod memory;
pub(crate) mod send_slot;
pub(crate) mod smtp;
mod smtp_words;

use std::error::Error;
use std::io::{self, Write as _};

use crate::message::Message;
use crate::templates::one_line;
use send_slot::{Receipt, SendSlot};

/// The cause of an error.
pub type BoxedError = Box<dyn Error + Send + Sync>;

/// A mail was not delivered.
///
/// Its text has the whole cause for the log and the outbox, such as the answer of the mail server,
/// and no text of the mail.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address is bad, or the mail server refused this mail permanently.
    #[error("the mail was refused: {}", chain(&**.0))]
    Refused(BoxedError),
    /// The mail server refused this mail for now, or did not answer in time.
    #[error("the mail was not taken this time: {}", chain(&**.0))]
    Deferred(BoxedError),
    /// The mail server cannot be reached or accepts no mail from this server, which an
    /// administrator has to correct.
    #[error("the mail server cannot be used now: {}", chain(&**.0))]
    Unreachable(BoxedError),
    /// The file or the standard output cannot be written.
    #[error("the mail cannot be written: {0}")]
    Unwritable(io::Error),
    /// A template of `email.template_dir` failed. The mail can be sent once it is corrected.
    #[error("a mail template failed: {}", chain(&**.0))]
    Unrenderable(BoxedError),
}

impl MailError {
    /// Whether another attempt is useless.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// Whether every other mail would fail in the same way now.
    #[must_use]
    pub fn concerns_all(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unwritable(_))
    }

    pub(crate) fn deferred(cause: impl Into<BoxedError>) -> Self {
        Self::Deferred(cause.into())
    }

    pub(crate) fn refused(cause: impl Into<BoxedError>) -> Self {
        Self::Refused(cause.into())
    }

    pub(crate) fn unreachable(cause: impl Into<BoxedError>) -> Self {
        Self::Unreachable(cause.into())
    }
}

/// The backend that sends messages.
pub(crate) enum Transport {
    /// To a mail server.
    Smtp(smtp::Relay),
    /// Into a folder.
    File(file::Folder),
    /// To the standard output.
    Console,
    /// Into an inbox in memory.
    Memory(memory::Inbox),
    /// Nowhere.
    None,
}

impl Transport {
    /// Sends a message. When this returns, the mail server or the disk has it.
    ///
    /// # Errors
    ///
    /// [`MailError`].
    pub(crate) async fn send(
        &self,
        message: &Message,
        slot: &SendSlot,
    ) -> Result<Receipt, MailError> {
        if let Self::Smtp(relay) = self {
            return relay.send(message, slot).await;
        }
        let receipt = slot.take().await;
        match self {
            Self::Smtp(_) | Self::None => {}
            Self::File(folder) => folder.write(message).await.map_err(MailError::Unwritable)?,
            Self::Console => print(message).map_err(MailError::Unwritable)?,
            Self::Memory(inbox) => inbox.put(message.clone()),
        }
        Ok(receipt)
    }
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Some errors name their cause themselves.
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    one_line(&text)
}

fn print(message: &Message) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(readable(message).as_bytes())?;
    output.flush()
}

/// The message without transfer encoding, which would break the links.
fn readable(message: &Message) -> String {
    format!(
        "From: {}\nTo: {}\nSubject: {}\nDate: {}\n\n{}{}\n",
        message.from(),
        message.to(),
        message.subject(),
        message.date().to_rfc3339(),
        message.text(),
        "-".repeat(79),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MailContent, MailKind, MailSettings, Mailer};

    #[tokio::test]
    async fn the_console_shows_the_link_in_one_piece() {
        let link = format!("https://example.com/account-confirm-email/{}=/", "k".repeat(100));
        let mail = MailContent::new(MailKind::EmailConfirmation, "ada@example.com", "de")
            .with("activate_url", link.as_str());
        let (mailer, inbox) = Mailer::memory(&MailSettings::default()).expect("a mailer");
        mailer.deliver(&mail, chrono::DateTime::UNIX_EPOCH).await.expect("delivered");
        let shown = readable(&inbox.take()[0]);
        assert!(shown.starts_with("From: webmaster@localhost\nTo: ada@example.com\nSubject: ["));
        assert!(shown.contains(&format!("\n{link}\n")), "{shown}");
    }
}
