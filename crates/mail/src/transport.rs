//! The ways a message can go.

pub(crate) mod file;
pub mod memory;
pub(crate) mod send_slot;
pub(crate) mod smtp;

use std::error::Error;
use std::io::{self, Write as _};

use crate::message::Message;
use crate::templates::one_line;
use send_slot::{Receipt, SendSlot};

/// What stood in the way.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A letter was not delivered.
///
/// Its text tells the whole cause, for the log and the outbox: the answer of the mail server, but
/// never what the letter says.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Nobody takes this letter: the address is bad, or the mail server said no for good.
    #[error("the letter was refused: {}", chain(&**.0))]
    Refused(Cause),
    /// The mail server did not take this letter this time: it asked to come back later, or fell
    /// silent over it.
    #[error("the letter was not taken this time: {}", chain(&**.0))]
    Deferred(Cause),
    /// The mail server cannot be reached, or does not let us send at all, which is for its
    /// administrator or ours to settle.
    #[error("the mail server cannot be used now: {}", chain(&**.0))]
    Unreachable(Cause),
    /// The file or the standard output cannot be written.
    #[error("the letter cannot be written: {0}")]
    Unwritable(io::Error),
    /// A template of `email.template_dir` failed. It works once the template is mended.
    #[error("a mail template failed: {}", chain(&**.0))]
    Unrenderable(Cause),
}

impl MailError {
    /// Whether trying again is of no use.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// Whether every other letter would fail in the same way now.
    #[must_use]
    pub fn concerns_all(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unwritable(_))
    }

    pub(crate) fn deferred(cause: impl Into<Cause>) -> Self {
        Self::Deferred(cause.into())
    }

    pub(crate) fn refused(cause: impl Into<Cause>) -> Self {
        Self::Refused(cause.into())
    }

    pub(crate) fn unreachable(cause: impl Into<Cause>) -> Self {
        Self::Unreachable(cause.into())
    }
}

/// Where messages go.
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
    /// Hands a message over; when it returns, the message is in other hands for good.
    ///
    /// # Errors
    ///
    /// [`MailError`], as each way fails.
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

/// The message for a developer's eyes: transfer encoding would break the links.
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
    use crate::{Letter, LetterKind, MailSettings, Mailer};

    #[tokio::test]
    async fn the_console_shows_the_link_in_one_piece() {
        let link = format!("https://example.com/account-confirm-email/{}=/", "k".repeat(100));
        let letter = Letter::new(LetterKind::EmailConfirmation, "ada@example.com", "de")
            .with("activate_url", link.as_str());
        let (mailer, inbox) = Mailer::memory(&MailSettings::default()).expect("a mailer");
        mailer.deliver(&letter, chrono::DateTime::UNIX_EPOCH).await.expect("delivered");
        let shown = readable(&inbox.take()[0]);
        assert!(shown.starts_with("From: webmaster@localhost\nTo: ada@example.com\nSubject: ["));
        assert!(shown.contains(&format!("\n{link}\n")), "{shown}");
    }
}
