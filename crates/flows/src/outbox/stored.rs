//! A letter as a row of the outbox.

use rest_auth_domain::random;
use rest_auth_mail::Letter;
use rest_auth_store::{Mail, NewMail};
use serde::{Deserialize, Serialize};

use crate::auth::Auth;

/// What is kept until the letter is delivered. It does not print: it holds links and codes.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptLetter {
    /// What the `Message-ID` begins with, drawn once, so that all attempts have the same and a
    /// letter that arrives twice can be told from two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(flatten)]
    pub(super) letter: Letter,
}

impl KeptLetter {
    /// Its id; for letters that were kept before they had one, made of the row, which stays the
    /// same, too.
    pub(super) fn id_or(&self, mail: &Mail) -> String {
        let of_row = || format!("{:x}x{:x}", mail.created_at.timestamp_micros(), mail.id);
        self.id.clone().unwrap_or_else(of_row)
    }
}

/// A letter as a row of the outbox.
pub(crate) fn row(auth: &Auth, letter: &Letter) -> NewMail {
    let now = auth.now();
    let kept = KeptLetter { id: Some(random::hex(auth.random(), 16)), letter: letter.clone() };
    NewMail {
        to_address: letter.to.clone(),
        payload: serde_json::json!(kept).to_string(),
        available_at: now,
        created_at: now,
    }
}

/// The occasion of a letter in the outbox; nothing else of it may be shown, for it holds links and
/// codes. `None` if it cannot be read.
#[must_use]
pub fn kind_of(mail: &Mail) -> Option<rest_auth_mail::LetterKind> {
    let kept: KeptLetter = serde_json::from_str(&mail.payload).ok()?;
    Some(kept.letter.kind)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rest_auth_mail::LetterKind;

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
        let letter = Letter::new(LetterKind::Invitation, "ada@example.com", "de").with("a", "b");
        let kept = KeptLetter { id: Some("4711".to_owned()), letter: letter.clone() };
        let text = serde_json::to_string(&kept).expect("JSON");
        let again: KeptLetter = serde_json::from_str(&text).expect("a letter");
        assert_eq!((again.id_or(&mail("")), again.letter), ("4711".to_owned(), letter));
    }

    #[test]
    fn letters_of_earlier_releases_have_one_by_their_row() {
        let letter = Letter::new(LetterKind::Invitation, "ada@example.com", "de");
        let old = mail(&serde_json::to_string(&letter).expect("JSON"));
        let kept: KeptLetter = serde_json::from_str(&old.payload).expect("a letter");
        assert_eq!(kept.id_or(&old), "0x1a");
        assert_eq!(kind_of(&old), Some(LetterKind::Invitation));
        assert_eq!(kind_of(&mail("{}")), None);
    }
}
