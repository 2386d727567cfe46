//! The ways in which a message is sent.

pub(crate) mod file;
pub mod memory;
pub(crate) mod send_slot;
pub(crate) mod smtp;
mod smtp_words;

use std::io::{self, Write as _};

use crate::error::MailError;
use crate::message::MailMessage;
use send_slot::{Receipt, SendSlot};

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
        message: &MailMessage,
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

fn print(message: &MailMessage) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(readable(message).as_bytes())?;
    output.flush()
}

/// The message without transfer encoding, which would break the links.
fn readable(message: &MailMessage) -> String {
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
