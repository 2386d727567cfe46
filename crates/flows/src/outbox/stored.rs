//! A mail as a row of the outbox.

use rest_auth_domain::encrypted::{Cipher, DecryptError};
use rest_auth_domain::random;
use rest_auth_mail::{MailContent, MailKind};
use rest_auth_store::{Mail, NewMail};
use serde::{Deserialize, Serialize};

use crate::auth::Auth;

/// A mail, with what it needs on its way. It has no `Debug`, because it holds links and codes.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredMail {
    /// The beginning of the `Message-ID`. It is the same in all attempts, so that a receiver can
    /// recognize a mail that arrives twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(flatten)]
    pub(super) content: MailContent,
}

impl StoredMail {
    /// The id. Rows of earlier releases have none; theirs is made of the row's key and time, which
    /// stay the same.
    pub(super) fn id_or(&self, mail: &Mail) -> String {
        let of_row = || format!("{:x}x{:x}", mail.created_at.timestamp_micros(), mail.id);
        self.id.clone().unwrap_or_else(of_row)
    }
}

/// The JSON of a row of the outbox.
#[derive(Serialize, Deserialize)]
struct Payload {
    /// In the clear, for listings.
    kind: MailKind,
    /// The [`StoredMail`], which holds links and codes. None once the mail is sent; rows of earlier
    /// releases are the mail itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encrypted: Option<String>,
}

/// Why a mail cannot be read. It does not quote the mail.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadableMail {
    /// The text is not a mail.
    #[error("the mail cannot be read, at column {}", .0.column())]
    Malformed(#[from] serde_json::Error),
    /// It cannot be decrypted.
    #[error("the mail cannot be read: {0}")]
    Encrypted(#[from] DecryptError),
}

/// The row of the outbox for a mail. Its content is encrypted, because whoever reads the database
/// could use the link in it.
pub(crate) fn row(auth: &Auth, content: &MailContent) -> NewMail {
    let now = auth.now();
    let stored = StoredMail { id: Some(random::hex(auth.random(), 16)), content: content.clone() };
    let text = serde_json::json!(stored).to_string();
    let kind = content.kind;
    let encrypted = Some(cipher(auth).encrypt(&text, kind.name(), auth.random()));
    NewMail {
        to_address: content.to.clone(),
        payload: serde_json::json!(Payload { kind, encrypted }).to_string(),
        available_at: now,
        created_at: now,
    }
}

/// The mail of a row.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn read(auth: &Auth, mail: &Mail) -> Result<StoredMail, UnreadableMail> {
    let payload: Payload = serde_json::from_str(&mail.payload)?;
    match payload.encrypted {
        Some(text) => {
            let text = cipher(auth).decrypt(&text, payload.kind.name())?;
            Ok(serde_json::from_str(&text)?)
        }
        None => Ok(serde_json::from_str(&mail.payload)?),
    }
}

/// What remains in the row of a mail that was sent.
pub(super) fn remains(kind: MailKind) -> String {
    serde_json::json!(Payload { kind, encrypted: None }).to_string()
}

fn cipher(auth: &Auth) -> Cipher<'_> {
    Cipher::new(auth.keys(), "rest_auth_outbox")
}

/// The kind of a mail in the outbox; `None` if the row cannot be read. Nothing else of the content
/// may be shown, because it holds links and codes.
#[must_use]
pub fn kind_of(mail: &Mail) -> Option<MailKind> {
    let payload: Payload = serde_json::from_str(&mail.payload).ok()?;
    Some(payload.kind)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn mail(payload: &str) -> Mail {
        Mail {
            id: 26,
            to_address: "ada@example.com".to_owned(),
            payload: payload.to_owned(),
            attempts: 1,
            created_at: DateTime::UNIX_EPOCH,
            available_at: DateTime::UNIX_EPOCH,
            last_error: None,
            leased_until: None,
            sent_at: None,
            dead_at: None,
        }
    }

    #[test]
    fn keeps_its_id() {
        let content =
            MailContent::new(MailKind::Invitation, "ada@example.com", "de").with("a", "b");
        let kept = StoredMail { id: Some("4711".to_owned()), content: content.clone() };
        let text = serde_json::to_string(&kept).expect("JSON");
        let again: StoredMail = serde_json::from_str(&text).expect("a mail");
        assert_eq!((again.id_or(&mail("")), again.content), ("4711".to_owned(), content));
    }

    #[test]
    fn mails_of_earlier_releases_have_one_by_their_row() {
        let content = MailContent::new(MailKind::Invitation, "ada@example.com", "de");
        let old = mail(&serde_json::to_string(&content).expect("JSON"));
        let kept: StoredMail = serde_json::from_str(&old.payload).expect("a mail");
        assert_eq!(kept.id_or(&old), "0x1a");
        assert_eq!(kind_of(&old), Some(MailKind::Invitation));
        assert_eq!(kind_of(&mail("{}")), None);
        assert_eq!(kind_of(&mail(&remains(MailKind::Invitation))), Some(MailKind::Invitation));
    }
}
