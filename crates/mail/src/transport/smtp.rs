//! Delivery to a mail server (RFC 5321).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use rest_auth_domain::one_line::one_line;
use tokio::time::Instant;

use super::send_slot::{Receipt, SendSlot};
use super::smtp_words;
use crate::error::MailError;
use crate::message::MailMessage;

/// The most idle connections that are kept for the next message.
const MOST_IDLE: usize = 4;
/// The longest time that a connection stays idle. Mail servers may close one after five minutes
/// (RFC 5321, section 4.5.3.2.7), and many do much sooner.
const LONGEST_IDLE: Duration = Duration::from_secs(20);
/// The time limit for `QUIT` after an error.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// How a connection is protected.
pub(crate) enum Encryption {
    /// No encryption.
    None,
    /// STARTTLS, or nothing is sent (RFC 3207).
    StartTls(TlsParameters),
    /// TLS from the first byte (RFC 8314).
    Implicit(TlsParameters),
}

/// The mail server that messages are sent to.
///
/// Connections are managed here and not by lettre's pool, which needs a running runtime even to be
/// dropped, applies the timeout to connecting only, and does not distinguish a server that refuses
/// this client from one that refuses the recipient.
pub(crate) struct Relay {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) encryption: Encryption,
    pub(crate) credentials: Option<Credentials>,
    /// What this server calls itself.
    pub(crate) client: ClientId,
    /// The time limit for one message, from connecting until its text may be sent.
    pub(crate) timeout: Duration,
    /// The time limit for the answer to the text.
    pub(crate) answer_timeout: Duration,
    pub(crate) idle: Mutex<Vec<IdleConnection>>,
}

/// A connection that waits for the next message.
pub(crate) struct IdleConnection {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Relay {
    /// Sends a message.
    ///
    /// # Errors
    ///
    /// [`MailError::Refused`] if the server refuses this recipient or text for good;
    /// [`MailError::Deferred`] if it refuses it for now; [`MailError::Unreachable`] if it cannot be
    /// used for any message.
    pub(crate) async fn send(
        &self,
        message: &MailMessage,
        slot: &SendSlot,
    ) -> Result<Receipt, MailError> {
        let deadline = Instant::now() + self.timeout;
        let opened = tokio::time::timeout_at(deadline, self.open()).await;
        let mut connection = opened
            .unwrap_or_else(|_| Err(smtp_words::of_silence(&self.encryption, self.timeout)))
            .map_err(|words| self.unusable(&words))?;
        let outcome = self.transfer(&mut connection, message, slot, deadline).await;
        if outcome.is_ok() {
            self.keep(connection);
        } else {
            // The outcome is known; an error of `QUIT` changes nothing.
            let _ = tokio::time::timeout(QUIT_TIMEOUT, connection.abort()).await;
        }
        outcome
    }

    async fn transfer(
        &self,
        connection: &mut AsyncSmtpConnection,
        message: &MailMessage,
        slot: &SendSlot,
        deadline: Instant,
    ) -> Result<Receipt, MailError> {
        tokio::time::timeout_at(deadline, self.announce(connection, message)).await.map_err(
            |_| MailError::deferred(format!("no answer of {}:{} in time", self.host, self.port)),
        )??;
        let text = transferred(message.bytes())?;
        let receipt = slot.take().await;
        let answer = tokio::time::timeout(self.answer_timeout, connection.command(text))
            .await
            .map_err(|_| {
                MailError::deferred(format!("no answer of {}:{} to the text", self.host, self.port))
            })?
            .map_err(|error| self.answered(error, message))?;
        let lines: Vec<&str> = answer.message().collect();
        Ok(receipt.answered(one_line(&format!("{} {}", answer.code(), lines.join(" ")))))
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, String> {
        match self.reuse().await {
            Some(connection) => Ok(connection),
            None => self.connect().await,
        }
    }

    /// Connects, says who this server is, and logs in. The error is the reason, with what to set.
    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let tls = match &self.encryption {
            Encryption::Implicit(tls) => Some(tls.clone()),
            Encryption::None | Encryption::StartTls(_) => None,
        };
        let words = |error| smtp_words::of_connecting(&self.encryption, &error);
        let server = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(self.timeout),
            &self.client,
            tls,
            None,
        )
        .await
        .map_err(words)?;
        if let Encryption::StartTls(tls) = &self.encryption {
            connection.starttls(tls.clone(), &self.client).await.map_err(words)?;
        }
        if let Some(credentials) = &self.credentials {
            let login = connection.auth(DEFAULT_MECHANISMS, credentials).await;
            login.map_err(|error| smtp_words::of_login(&self.encryption, &error))?;
        }
        Ok(connection)
    }

    /// The error for a server that takes no mail of this one.
    fn unusable(&self, words: &str) -> MailError {
        MailError::unreachable(format!("{}:{}: {words}", self.host, self.port))
    }

    /// Sends `MAIL`, `RCPT` and `DATA`, after which the text may follow.
    async fn announce(
        &self,
        connection: &mut AsyncSmtpConnection,
        message: &MailMessage,
    ) -> Result<(), MailError> {
        let envelope = message.envelope();
        let parameters = parameters(connection, message)?;
        // A refusal of the sender concerns every mail, so this one stays in the queue.
        connection
            .command(Mail::new(envelope.from().cloned(), parameters))
            .await
            .map_err(|error| self.unusable(&smtp_words::of_sender(&error)))?;
        for recipient in envelope.to() {
            let rcpt = connection.command(Rcpt::new(recipient.clone(), vec![])).await;
            rcpt.map_err(|error| self.answered(error, message))?;
        }
        connection.command(Data).await.map_err(|error| self.answered(error, message))?;
        Ok(())
    }

    /// The error for a negative answer after the sender was accepted. Many servers refuse the name
    /// in EHLO, the sender or a missing login only when they know the recipient.
    fn answered(&self, error: Error, message: &MailMessage) -> MailError {
        if smtp_words::is_about_this_server(&error, message.to()) {
            self.unusable(&smtp_words::of_sender(&error))
        } else if error.is_permanent() {
            MailError::refused(error)
        } else {
            MailError::deferred(error)
        }
    }

    /// An idle connection that still answers.
    async fn reuse(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            let mut connection = idle.connection;
            if idle.since.elapsed() < LONGEST_IDLE && connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| connection.since.elapsed() < LONGEST_IDLE);
        if idle.len() < MOST_IDLE {
            idle.push(IdleConnection { connection, since: Instant::now() });
        }
    }
}

/// The parameters that an address (RFC 6531) or a text (RFC 6152) beyond ASCII needs.
fn parameters(
    connection: &AsyncSmtpConnection,
    message: &MailMessage,
) -> Result<Vec<MailParameter>, MailError> {
    let server = connection.server_info();
    let mut parameters = Vec::new();
    let addresses = message.envelope().from().into_iter().chain(message.envelope().to());
    if addresses.map(AsRef::<str>::as_ref).any(|address| !address.is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(MailError::refused("the mail server takes ASCII addresses only"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !message.bytes().is_ascii() {
        if !server.supports_feature(Extension::EightBitMime) {
            return Err(MailError::refused("the mail server takes ASCII messages only"));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

/// A message with its end mark; a line that begins with a dot gets a second one, so that no line
/// is taken for the mark (RFC 5321, section 4.5.2).
///
/// Both are sent in one piece: a mark on its own would wait for the server's acknowledgement of
/// the text, which takes 40 ms.
fn transferred(message: &[u8]) -> Result<String, MailError> {
    let text = std::str::from_utf8(message).map_err(MailError::refused)?;
    let first = if text.starts_with('.') { "." } else { "" };
    let end = if text.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" };
    Ok(format!("{first}{}{end}", text.replace("\r\n.", "\r\n..")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_message_ends_it() {
        for (message, expected) in [
            ("a\r\nb\r\n", "a\r\nb\r\n.\r\n"),
            ("a\r\nb", "a\r\nb\r\n.\r\n"),
            ("a\r\n.\r\n..b\r\n", "a\r\n..\r\n...b\r\n.\r\n"),
            (".\r\n.\r\n", "..\r\n..\r\n.\r\n"),
        ] {
            assert_eq!(transferred(message.as_bytes()).expect("text"), expected);
        }
        assert!(transferred(b"\xff").is_err());
    }
}
