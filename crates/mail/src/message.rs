//! The message of a mail: RFC 5322 and MIME.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use rest_auth_domain::email;
use rest_auth_domain::one_line::one_line;
use rest_auth_domain::random::{self, RandomSource};

use crate::error::MailError;
use crate::templates::Rendered;

/// The longest line without its line break (RFC 5322, section 2.1.1).
const LONGEST_LINE: usize = 998;

/// A mail ready to be sent.
#[derive(Clone)]
pub struct MailMessage {
    from: String,
    to: String,
    id: String,
    date: DateTime<Utc>,
    rendered: Rendered,
    envelope: Envelope,
    bytes: Vec<u8>,
}

impl MailMessage {
    /// The sender as in the header, perhaps with a display name.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.from
    }

    /// The address of the one recipient.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }

    /// The `Message-ID` without its angle brackets.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The date of the message.
    #[must_use]
    pub fn date(&self) -> DateTime<Utc> {
        self.date
    }

    /// The subject, its prefix included.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.rendered.subject
    }

    /// The plain text. It may hold a link or a code.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.rendered.text
    }

    /// The HTML text, if there is one. It may hold a link or a code.
    #[must_use]
    pub fn html(&self) -> Option<&str> {
        self.rendered.html.as_deref()
    }

    /// The whole message as it is transferred.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Sender and recipient as SMTP names them.
    pub(crate) fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

/// Prints no text, because the texts hold links and codes.
impl fmt::Debug for MailMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("to", &self.to)
            .field("subject", &self.rendered.subject)
            .finish_non_exhaustive()
    }
}

/// A text that is not an address, with or without a display name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address")]
pub struct BadAddress;

/// The headers that differ from one message to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageMeta<'a> {
    /// The first half of the `Message-ID`; characters other than letters and digits are dropped.
    pub(crate) id: &'a str,
    /// The date of the message.
    pub(crate) date: DateTime<Utc>,
}

/// The sender of every message.
#[derive(Clone, Debug)]
pub(crate) struct Sender(Mailbox);

impl Sender {
    /// Reads `ada@example.com` or `Ada <ada@example.com>`.
    pub(crate) fn parse(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        if text.contains(char::is_control) {
            return Err(BadAddress);
        }
        let mut mailbox: Mailbox = text.parse().map_err(|_| BadAddress)?;
        // The parser stops after the first address and ignores the rest.
        if !text.trim_end_matches('>').ends_with(mailbox.email.as_ref() as &str) {
            return Err(BadAddress);
        }
        mailbox.email = address(mailbox.email.as_ref())?;
        Ok(Self(mailbox))
    }

    /// Builds the message to one recipient.
    ///
    /// # Errors
    ///
    /// [`MailError::Refused`] if `to` is not one address.
    pub(crate) fn compose(
        &self,
        to: &str,
        rendered: Rendered,
        meta: MessageMeta<'_>,
        random: &dyn RandomSource,
    ) -> Result<MailMessage, MailError> {
        let Self(from) = self;
        let MessageMeta { id, date } = meta;
        let recipient = recipient(to).map_err(MailError::refused)?;
        let rendered = Rendered { subject: one_line(&rendered.subject), ..rendered };
        let id: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
        let id = format!("{id}@{}", from.email.domain());
        let envelope = Envelope::new(Some(from.email.clone()), vec![recipient.clone()])
            .map_err(MailError::refused)?;
        let builder = lettre::Message::builder()
            .envelope(envelope.clone())
            .raw_header(header("Date", date.format("%a, %d %b %Y %H:%M:%S +0000").to_string()))
            .from(from.clone())
            .to(recipient.clone().into())
            .subject(rendered.subject.as_str())
            .message_id(Some(format!("<{id}>")))
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
        let text = SinglePart::plain(encoded(&rendered.text)?);
        let message = match &rendered.html {
            None => builder.singlepart(text),
            Some(html) => builder.multipart(
                // An unguessable boundary cannot be imitated by a user name in the text.
                MultiPart::alternative()
                    .boundary(random::hex(random, 16))
                    .singlepart(text)
                    .singlepart(SinglePart::html(encoded(html)?)),
            ),
        }
        .map_err(MailError::refused)?;
        let bytes = message.formatted();
        let (from, to) = (from.to_string(), recipient.to_string());
        Ok(MailMessage { from, to, id, date, rendered, envelope, bytes })
    }
}

/// The address of a recipient. What the API accepts can be sent to: a local part may be longer than
/// the 64 characters of RFC 5321, or have characters that only quotes allow, and the mail server
/// decides. Such an address has no line break, so it cannot end the command that carries it.
fn recipient(text: &str) -> Result<Address, BadAddress> {
    let parts = text.rsplit_once('@').filter(|_| email::is_valid(text));
    match parts.and_then(|(local, domain)| Some((local, ascii_domain(domain)?))) {
        Some((local, domain)) => Ok(Address::new_dangerous(local, domain)),
        None => address(text),
    }
}

/// The domain in ASCII (RFC 5891); `None` if it has no such form, as no domain that exists.
fn ascii_domain(domain: &str) -> Option<Cow<'_, str>> {
    if domain.is_ascii() {
        return Some(Cow::Borrowed(domain));
    }
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(ascii)) => Some(Cow::Owned(ascii)),
        // Full-width digits are digits there.
        Ok(url::Host::Ipv4(address)) => Some(Cow::Owned(format!("[{address}]"))),
        Ok(url::Host::Ipv6(_)) | Err(_) => None,
    }
}

/// Reads one address without a display name. The domain becomes ASCII (RFC 5891), so that only a
/// local part beyond ASCII needs SMTPUTF8.
fn address(text: &str) -> Result<Address, BadAddress> {
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>')) {
        return Err(BadAddress);
    }
    let address: Address = text.parse().map_err(|_| BadAddress)?;
    if address.domain().is_ascii() {
        return Ok(address);
    }
    match url::Host::parse(address.domain()) {
        Ok(url::Host::Domain(domain)) => {
            Address::new(address.user(), domain).map_err(|_| BadAddress)
        }
        _ => Err(BadAddress),
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// ASCII is not encoded, which keeps links readable in the raw message; any other text is
/// quoted-printable.
fn encoded(text: &str) -> Result<Body, MailError> {
    let fits = |line: &str| line.len() <= LONGEST_LINE && !line.contains(['\r', '\0']);
    if text.is_ascii() && text.split('\n').all(fits) {
        let bytes = text.replace('\n', "\r\n").into_bytes();
        return Ok(Body::dangerous_pre_encoded(bytes, ContentTransferEncoding::SevenBit));
    }
    Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| MailError::refused("the text cannot be encoded"))
}

#[cfg(test)]
mod tests;
