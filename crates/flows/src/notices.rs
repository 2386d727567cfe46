//! Notices to the owner of an account that something about it changed, or that somebody came in.
//!
//! They go out with the change that they tell of and never hold a link or a secret: who reads them
//! learns when, from where and with what, and nothing to act with.

use chrono::{DateTime, Utc};
use rest_auth_mail::{Letter, LetterKind};
use rest_auth_store::{NewMail, User};

use crate::auth::Auth;
use crate::client::Client;
use crate::{links, outbox};

/// How much of what a client calls itself a notice repeats.
const USER_AGENT_LENGTH: usize = 120;

/// What a notice says of the request that caused it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion<'a> {
    /// The device.
    pub(crate) client: &'a Client,
    /// The language of the request.
    pub(crate) language: &'a str,
}

/// The user has a new password. `user` is as he was.
pub(crate) fn password_changed(auth: &Auth, user: &User, occasion: Occasion<'_>) -> Vec<NewMail> {
    let kind = LetterKind::PasswordChanged;
    on_change(auth, &user.email, || letter(auth, kind, user, &user.email, occasion))
}

/// Mail goes to `new` from now on, or nowhere; this goes where it went before.
pub(crate) fn email_changed(
    auth: &Auth,
    user: &User,
    (old, new): (&str, Option<&str>),
    occasion: Occasion<'_>,
) -> Vec<NewMail> {
    on_change(auth, old, || {
        let letter = letter(auth, LetterKind::EmailChanged, user, old, occasion);
        let letter = letter.with("from_email", old);
        match new {
            Some(new) => letter.with("to_email", new),
            None => letter,
        }
    })
}

/// The account is gone.
pub(crate) fn account_deleted(auth: &Auth, user: &User, occasion: Occasion<'_>) -> Vec<NewMail> {
    let kind = LetterKind::AccountDeleted;
    on_change(auth, &user.email, || letter(auth, kind, user, &user.email, occasion))
}

/// Somebody logged in with a client that the user has not logged in with before.
pub(crate) fn new_sign_in(auth: &Auth, user: &User, occasion: Occasion<'_>) -> Vec<NewMail> {
    if user.email.is_empty() {
        return Vec::new();
    }
    let letter = letter(auth, LetterKind::NewSignIn, user, &user.email, occasion);
    vec![outbox::row(auth, &letter)]
}

/// Where `account.email_notifications` is on and there is somebody to tell.
fn on_change(auth: &Auth, to: &str, letter: impl FnOnce() -> Letter) -> Vec<NewMail> {
    if !auth.settings().account.email_notifications || to.is_empty() {
        return Vec::new();
    }
    vec![outbox::row(auth, &letter())]
}

fn letter(auth: &Auth, kind: LetterKind, user: &User, to: &str, occasion: Occasion<'_>) -> Letter {
    let Occasion { client, language } = occasion;
    let letter = Letter::new(kind, to, language)
        .with("user", links::display_name(auth, user))
        .with("timestamp", for_people(auth.now()));
    let letter = match client.address {
        Some(address) => letter.with("ip", address.to_canonical().to_string()),
        None => letter,
    };
    match printable(&client.user_agent) {
        text if text.is_empty() => letter,
        text => letter.with("user_agent", text),
    }
}

/// In UTC: where the reader is nobody knows.
fn for_people(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// What a client calls itself, of which it is the only judge: on one line and not too long.
fn printable(user_agent: &str) -> String {
    let kept = user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_LENGTH);
    kept.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_for_people() {
        let time = "2026-02-03T04:05:06.789Z".parse().unwrap();
        assert_eq!(for_people(time), "2026-02-03 04:05 UTC");
    }

    #[test]
    fn a_client_cannot_write_lines_into_a_notice() {
        assert_eq!(printable(" Mozilla/5.0\r\n\u{85}Bcc: x\t "), "Mozilla/5.0Bcc: x");
        assert_eq!(printable(&"x".repeat(500)).len(), USER_AGENT_LENGTH);
    }
}
