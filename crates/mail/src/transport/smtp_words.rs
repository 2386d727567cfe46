//! What goes wrong with a mail server, in words that say what to set.

use std::time::Duration;

use lettre::transport::smtp::Error;
use rest_auth_domain::one_line::chain;

use super::smtp::Encryption;

/// Replies by which a server asks for a login or encryption (RFC 4954, RFC 3207): they concern the
/// configuration, not one mail.
const CODES: [&str; 4] = ["530", "534", "535", "538"];

/// Enhanced codes (RFC 3463) about the address or the system of the sender.
const ENHANCED: [&str; 4] = ["5.1.7", "5.1.8", "4.1.7", "4.1.8"];

/// How mail servers say that they refuse this server and not the recipient, in lower case.
const PHRASES: [&str; 11] = [
    "helo command rejected",
    "ehlo command rejected",
    "invalid helo",
    "helo required",
    "need fully-qualified hostname",
    "sender address rejected",
    "sender rejected",
    "client host rejected",
    "authentication required",
    "authentication is required",
    "relay access denied",
];

/// Why no connection came about.
pub(super) fn of_connecting(encryption: &Encryption, error: &Error) -> String {
    let text = chain(error);
    let lower = text.to_lowercase();
    if lower.contains("invalidcontenttype") || lower.contains("corrupt message") {
        return "the server does not begin with TLS; where it offers STARTTLS, usually at port 587, \
                set `email.use_tls` in place of `email.use_ssl`"
            .to_owned();
    }
    if lower.contains("starttls is not supported") {
        return "the server offers no STARTTLS, which `email.use_tls` asks for; where it speaks TLS \
                at once, usually at port 465, set `email.use_ssl` in its place"
            .to_owned();
    }
    if lower.contains("unknownissuer") || lower.contains("unknown issuer") {
        return format!(
            "{text}; where its certificate is signed by an authority of your own, name that in \
             `email.ssl_cafile`"
        );
    }
    if lower.contains("certificate") {
        return format!("{text}; `email.host` must be the name in the certificate");
    }
    if error.status().is_some() {
        return format!("{text}; `email.helo_name` says what this server calls itself");
    }
    let may_speak_tls = lower.contains("incomplete") || lower.contains("response error");
    match encryption {
        Encryption::Implicit(_) => text,
        _ if may_speak_tls => format!("{text}; {TLS_AT_ONCE}"),
        _ => text,
    }
}

const TLS_AT_ONCE: &str = "a server that speaks TLS at once, usually at port 465, needs \
                           `email.use_ssl`";

/// Why nothing came of a connection within the time.
pub(super) fn of_silence(encryption: &Encryption, patience: Duration) -> String {
    let waited = format!("no answer within {} s", patience.as_secs_f64());
    match encryption {
        Encryption::Implicit(_) => format!("{waited}; is the port right?"),
        Encryption::None | Encryption::StartTls(_) => format!("{waited}; {TLS_AT_ONCE}"),
    }
}

/// Why the login was refused.
pub(super) fn of_login(encryption: &Encryption, error: &Error) -> String {
    let text = chain(error);
    match encryption {
        Encryption::None if error.status().is_none() => {
            format!("{text}; many servers let nobody log in without TLS: set `email.use_tls`")
        }
        _ => format!("{text}; are `email.host_user` and `email.host_password` right?"),
    }
}

/// Why the server takes no mail of this sender.
pub(super) fn of_sender(error: &Error) -> String {
    format!(
        "{}; may this server send mails of `email.default_from_email` there, with this \
         `email.helo_name` and login?",
        chain(error)
    )
}

/// Whether a refusal is about this server, whoever the recipient is. What the server repeats of the
/// recipient's address does not count: everybody chooses their own.
pub(super) fn is_about_this_server(error: &Error, recipient: &str) -> bool {
    let Some(code) = error.status() else { return false };
    let text = chain(error).to_lowercase().replace(&recipient.to_lowercase(), "");
    CODES.contains(&code.to_string().as_str())
        || PHRASES.iter().any(|phrase| text.contains(phrase))
        || text.split([' ', '-']).any(|word| ENHANCED.contains(&word))
}
