//! The built-in templates.

/// The prefix of their names, which no folder of an administrator can provide.
pub(crate) const ROOT: &str = "builtin/";

/// The languages of the templates besides English, which is at the root.
pub(crate) const LANGUAGES: [&str; 4] = ["de", "es", "fr", "pt-br"];

/// allauth's subjects in further languages, whose texts are English: a language, a kind of mail and
/// the subject in each line. Written by `tools/catalogues.py`.
const SUBJECTS: &str = include_str!("../templates/subjects.txt");

macro_rules! mails {
    ($folder:literal: $($kind:literal)+) => {
        &[$(
            (
                concat!("builtin/", $folder, $kind, "_subject.txt"),
                include_str!(concat!("../templates/", $folder, $kind, "_subject.txt")),
            ),
            (
                concat!("builtin/", $folder, $kind, "_message.txt"),
                include_str!(concat!("../templates/", $folder, $kind, "_message.txt")),
            ),
        )+]
    };
}

macro_rules! language {
    ($folder:literal) => {
        mails!($folder:
            "account/email/email_confirmation"
            "account/email/email_confirmation_code"
            "account/email/password_reset_key"
            "account/email/password_reset_code"
            "account/email/login_code"
            "account/email/account_already_exists"
            "account/email/password_changed"
            "account/email/email_changed"
            "account/email/username_changed"
            "account/email/new_sign_in"
            "account/email/account_deleted"
            "account/email/invitation"
            "socialaccount/email/account_connected"
            "socialaccount/email/account_disconnected"
            "mfa/email/totp_activated"
            "mfa/email/totp_deactivated"
            "mfa/email/recovery_codes_generated"
            "mfa/email/recovery_code_used"
            "mfa/email/second_factor_failed"
            "mfa/email/webauthn_added"
            "mfa/email/webauthn_removed"
            "mfa/email/passkey_copied"
        )
    };
}

type Files = &'static [(&'static str, &'static str)];

/// Names and sources.
pub(crate) fn templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    const LAYOUT: Files = &[(
        "builtin/account/email/base_message.html",
        include_str!("../templates/account/email/base_message.html"),
    )];
    const MAILS: [Files; 5] =
        [language!(""), language!("de/"), language!("es/"), language!("fr/"), language!("pt-br/")];
    MAILS.into_iter().chain([LAYOUT]).flatten().copied()
}

/// Names and sources of the subjects in languages that have no texts.
pub(crate) fn subjects() -> impl Iterator<Item = (String, &'static str)> {
    subject_lines().map(|(code, kind, subject)| {
        (format!("{ROOT}{code}/account/email/{kind}_subject.txt"), subject)
    })
}

/// The languages that have subjects and no texts.
pub(crate) fn subject_languages() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    subject_lines().map(|(code, _, _)| code).filter(move |code| {
        let is_new = *code != last;
        last = code;
        is_new
    })
}

fn subject_lines() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    SUBJECTS.lines().filter_map(|line| {
        let (code, rest) = line.split_once(' ')?;
        let (kind, subject) = rest.split_once(' ')?;
        Some((code, kind, subject))
    })
}
