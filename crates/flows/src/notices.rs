//! Mails that notify the owner of an account of a change or of a login.
//!
//! They are written in the transaction of the change, and contain no secret: only time, address and
//! client, and of a login the address of the page that ends it.

use chrono::{DateTime, Utc};
use rest_auth_mail::{MailContent, MailKind};
use rest_auth_store::{NewMail, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::{links, outbox};

/// How many characters of the User-Agent a notice contains.
const USER_AGENT_LENGTH: usize = 120;

/// The user has a new password. `user` is as before the change.
pub(crate) fn password_changed(auth: &Auth, context: &Context, user: &User) -> Vec<NewMail> {
    let kind = MailKind::PasswordChanged;
    on_change(auth, &user.email, || mail(auth, context, kind, user, &user.email))
}

/// Notifies the old address that the primary address changed or was removed.
pub(crate) fn email_changed(
    auth: &Auth,
    context: &Context,
    user: &User,
    old: &str,
    new: Option<&str>,
) -> Vec<NewMail> {
    on_change(auth, old, || {
        let mail = mail(auth, context, MailKind::EmailChanged, user, old);
        let mail = mail.with("from_email", old);
        match new {
            Some(new) => mail.with("to_email", new),
            None => mail,
        }
    })
}

/// The user has another user name. `user` is as before the change.
pub(crate) fn username_changed(
    auth: &Auth,
    context: &Context,
    user: &User,
    new: &str,
) -> Vec<NewMail> {
    on_change(auth, &user.email, || {
        let mail = mail(auth, context, MailKind::UsernameChanged, user, &user.email);
        mail.with("from_username", user.username.as_str()).with("to_username", new)
    })
}

/// An account at a provider was connected, by which the user can log in from now on.
pub(crate) fn social_account_connected(
    auth: &Auth,
    context: &Context,
    user: &User,
    provider: &str,
) -> Vec<NewMail> {
    on_change(auth, &user.email, || {
        let kind = MailKind::SocialAccountConnected;
        mail(auth, context, kind, user, &user.email).with("provider", provider)
    })
}

/// An account at a provider was disconnected.
pub(crate) fn social_account_disconnected(
    auth: &Auth,
    context: &Context,
    user: &User,
    provider: &str,
) -> Vec<NewMail> {
    on_change(auth, &user.email, || {
        let kind = MailKind::SocialAccountDisconnected;
        mail(auth, context, kind, user, &user.email).with("provider", provider)
    })
}

/// The account was deleted.
pub(crate) fn account_deleted(auth: &Auth, context: &Context, user: &User) -> Vec<NewMail> {
    let kind = MailKind::AccountDeleted;
    on_change(auth, &user.email, || mail(auth, context, kind, user, &user.email))
}

/// The user has a new passkey.
pub(crate) fn passkey_added(auth: &Auth, context: &Context, user: &User) -> Vec<NewMail> {
    of_factors(auth, context, MailKind::PasskeyAdded, user)
}

/// The user has a passkey less.
pub(crate) fn passkey_removed(auth: &Auth, context: &Context, user: &User) -> Vec<NewMail> {
    of_factors(auth, context, MailKind::PasskeyRemoved, user)
}

/// The counter of a passkey did not grow: its device may have been copied.
pub(crate) fn passkey_copied(auth: &Auth, context: &Context, user: &User) -> Vec<NewMail> {
    of_factors(auth, context, MailKind::PasskeyCopied, user)
}

/// The user has an authenticator app now.
pub(crate) fn totp_activated(auth: &Auth, context: &Context, user: &User) -> Vec<NewMail> {
    of_factors(auth, context, MailKind::TotpActivated, user)
}

/// The user has no authenticator app any more.
pub(crate) fn totp_deactivated(auth: &Auth, context: &Context, user: &User) -> Vec<NewMail> {
    of_factors(auth, context, MailKind::TotpDeactivated, user)
}

/// The user has new recovery codes.
pub(crate) fn recovery_codes_generated(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Vec<NewMail> {
    of_factors(auth, context, MailKind::RecoveryCodesGenerated, user)
}

/// A recovery code was used, and so many are left.
pub(crate) fn recovery_code_used(
    auth: &Auth,
    context: &Context,
    user: &User,
    left: usize,
) -> Vec<NewMail> {
    on_change(auth, &user.email, || {
        let mail = mail(auth, context, MailKind::RecoveryCodeUsed, user, &user.email);
        mail.with("remaining", left.to_string())
    })
}

/// Somebody who knew the first factor of the user, or was logged in, typed as many wrong codes as a login
/// allows.
pub(crate) fn second_factor_failed(auth: &Auth, context: &Context, user: &User) -> Vec<NewMail> {
    of_factors(auth, context, MailKind::SecondFactorFailed, user)
}

fn of_factors(auth: &Auth, context: &Context, kind: MailKind, user: &User) -> Vec<NewMail> {
    on_change(auth, &user.email, || mail(auth, context, kind, user, &user.email))
}

/// Somebody logged in with a client that the user has not logged in with before.
pub(crate) fn new_sign_in(auth: &Auth, context: &Context, user: &User) -> Vec<NewMail> {
    if user.email.is_empty() {
        return Vec::new();
    }
    let mail = mail(auth, context, MailKind::NewSignIn, user, &user.email);
    let mail = match &auth.settings().account.sessions_url {
        Some(url) => mail.with("sessions_url", url.as_str()),
        None => mail,
    };
    vec![outbox::row(auth, &mail)]
}

/// The notice, if `account.email_notifications` is on and the user has an address.
fn on_change(auth: &Auth, to: &str, mail: impl FnOnce() -> MailContent) -> Vec<NewMail> {
    if !auth.settings().account.email_notifications || to.is_empty() {
        return Vec::new();
    }
    vec![outbox::row(auth, &mail())]
}

fn mail(auth: &Auth, context: &Context, kind: MailKind, user: &User, to: &str) -> MailContent {
    let client = &context.client;
    let mail = MailContent::new(kind, to, &context.language)
        .with("user", links::display_name(auth, user))
        .with("timestamp", for_people(auth.now()));
    let mail = match client.address {
        Some(address) => mail.with("ip", address.to_canonical().to_string()),
        None => mail,
    };
    match printable(&client.user_agent) {
        text if text.is_empty() => mail,
        text => mail.with("user_agent", text),
    }
}

/// In UTC, because the time zone of the reader is not known.
fn for_people(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// The User-Agent on one line and cut, because the client chooses this text.
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
