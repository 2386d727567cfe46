//! Sample mails, for authors of templates.

use crate::content::{MailContent, MailKind};
use crate::templates::VARIABLES;

impl MailContent {
    /// A mail with made-up values of every variable.
    #[must_use]
    pub fn sample(kind: MailKind, to: &str, language: &str) -> Self {
        VARIABLES.into_iter().fold(Self::new(kind, to, language), |mail, name| {
            let value = value_of(name);
            mail.with(name, value)
        })
    }
}

fn value_of(name: &str) -> &'static str {
    match name {
        "user" | "username" | "from_username" | "inviter" => "ada",
        "to_username" => "lovelace",
        "code" => "VFMC-PBWF",
        "provider" => "GitHub",
        "remaining" => "9",
        "from_email" => "ada@example.com",
        "to_email" => "ada@example.org",
        "timestamp" => "2026-01-31 12:00 UTC",
        "ip" => "192.0.2.1",
        "user_agent" => "Mozilla/5.0",
        link if link.ends_with("_url") => "https://example.com/link/sample/",
        _ => "sample",
    }
}
