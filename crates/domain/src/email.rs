//! E-mail addresses as Django and allauth accept, store and compare them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;

use crate::python_text;

/// The longest address that Django's validator looks at, in code points.
pub const LONGEST_VALID: usize = 320;
/// The longest address that Django's columns hold, in code points.
pub const LONGEST_STORED: usize = 254;

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EmailProblem {
    /// It is no address.
    #[error("not an e-mail address")]
    Invalid,
    /// It is an address, but longer than [`LONGEST_STORED`]. Django would cut it, which makes it
    /// another user's address.
    #[error("an e-mail address of more than {LONGEST_STORED} characters")]
    TooLong,
}

/// A valid address in the form in which allauth stores it: lower case, at most
/// [`LONGEST_STORED`] characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

impl Email {
    /// Takes a trimmed address.
    ///
    /// # Errors
    /// When it is no address, or too long to be stored.
    pub fn parse(text: &str) -> Result<Self, EmailProblem> {
        if !is_valid(text) {
            return Err(EmailProblem::Invalid);
        }
        let lower = text.to_lowercase();
        if text.chars().count() > LONGEST_STORED || lower.chars().count() > LONGEST_STORED {
            return Err(EmailProblem::TooLong);
        }
        Ok(Self(lower))
    }

    /// Takes the address that a provider reports; none if it is no address, or if lower case makes
    /// ASCII out of another character, as it makes `k` of the Kelvin sign (U+212A). What was reported is
    /// another mailbox then, and its owner must not pass for that of ours.
    #[must_use]
    pub fn reported(text: &str) -> Option<Self> {
        let becomes_ascii = |character: char| {
            !character.is_ascii() && character.to_lowercase().any(|lower| lower.is_ascii())
        };
        Self::parse(text).ok().filter(|_| !text.chars().any(becomes_ascii))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as an owned text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Django's `EmailValidator`. Expects the text to be trimmed.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    // Counting at most what is allowed: the text may be as long as a request body.
    if text.chars().nth(LONGEST_VALID).is_some() {
        return false;
    }
    text.rsplit_once('@')
        .is_some_and(|(local, domain)| is_local_part(local) && is_domain_part(domain))
}

/// Django's `normalize_email`, used by `create_user`, forms and the admin: trims, and lower-cases
/// the domain only. A text without `@` stays as it is.
#[must_use]
pub fn normalize(text: &str) -> String {
    match python_text::strip(text).rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => text.to_owned(),
    }
}

/// The key under which two addresses count as the same: NFKC and full case folding, and the domain
/// as the name system knows it (UTS 46, `xn--...`). Never an address to send to.
#[must_use]
pub fn canonical(text: &str) -> String {
    let folded = caseless::default_case_fold_str(&text.nfkc().collect::<String>());
    let Some((local, domain)) = folded.rsplit_once('@') else { return folded };
    match idna::domain_to_ascii(domain) {
        Ok(domain) => format!("{local}@{domain}"),
        Err(_) => folded,
    }
}

/// The four characters that are ASCII letters once case is ignored, by an accident of Python's
/// regular expressions.
const fn folds_to_ascii_letter(character: char) -> bool {
    matches!(character, '\u{130}' | '\u{131}' | '\u{17f}' | '\u{212a}')
}

fn is_local_part(local: &str) -> bool {
    is_dot_atom(local) || is_quoted(local)
}

fn is_dot_atom(local: &str) -> bool {
    let of_atom = |character: char| {
        character.is_ascii_alphanumeric()
            || "-!#$%&'*+/=?^_`{}|~".contains(character)
            || folds_to_ascii_letter(character)
    };
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(of_atom))
}

fn is_quoted(local: &str) -> bool {
    let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let plain = |character: char| {
        matches!(character, '\u{1}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '!')
            || matches!(character, '#'..='[' | ']'..='\u{7f}')
            || folds_to_ascii_letter(character)
    };
    let escapable = |character: char| {
        matches!(character, '\u{1}'..='\u{9}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{7f}')
            || folds_to_ascii_letter(character)
    };
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let fits = match character {
            '\\' => characters.next().is_some_and(escapable),
            other => plain(other),
        };
        if !fits {
            return false;
        }
    }
    true
}

fn is_domain_part(domain: &str) -> bool {
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return literal.parse::<Ipv4Addr>().is_ok() || literal.parse::<Ipv6Addr>().is_ok();
    }
    if domain == "localhost" {
        return true;
    }
    let Some((labels, last)) = domain.rsplit_once('.') else { return false };
    labels.split('.').all(is_label) && is_top_level(last)
}

/// The letters of labels: a-z in either case and all from U+00A1 to U+FFFF.
const fn is_label_letter(character: char) -> bool {
    character.is_ascii_alphabetic() || matches!(character, '\u{a1}'..='\u{ffff}')
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.chars().count())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| is_label_letter(c) || c.is_ascii_digit() || c == '-')
}

fn is_top_level(label: &str) -> bool {
    let letters = (2..=63).contains(&label.chars().count())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| is_label_letter(c) || c == '-');
    letters || is_punycode(label)
}

fn is_punycode(label: &str) -> bool {
    let Some((prefix, rest)) = label.split_at_checked(4) else { return false };
    prefix.eq_ignore_ascii_case("xn--")
        && (1..=59).contains(&rest.chars().count())
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || folds_to_ascii_letter(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_would_be_cut() {
        let fits = format!("a@{}.com", vec!["b".repeat(49); 5].join("."));
        assert_eq!(fits.len(), 255);
        assert!(is_valid(&fits));
        assert_eq!(Email::parse(&fits), Err(EmailProblem::TooLong));
        assert_eq!(Email::parse(&fits.replacen('b', "", 1)).map(|e| e.as_str().len()), Ok(254));
        // Grows by lower-casing: one character becomes two.
        let grows = format!("{}@example.com", "\u{130}".repeat(200));
        assert_eq!(Email::parse(&grows), Err(EmailProblem::TooLong));
        assert!(!is_valid(&"a@".repeat(1_000_000)));
    }

    #[test]
    fn a_reported_address_is_of_the_mailbox_that_was_reported() {
        let reported = |text| Email::reported(text).map(Email::into_string);
        assert_eq!(reported("Kim@X.co").as_deref(), Some("kim@x.co"));
        assert_eq!(reported("kim@M\u{dc}nchen.de").as_deref(), Some("kim@m\u{fc}nchen.de"));
        for other in ["\u{212a}im@x.co", "K\u{130}m@x.co", "kim@\u{212a}.co", "\u{ff4b}im@x.co"] {
            assert_eq!(reported(other), None, "{other}");
        }
        // These stay what they are.
        assert_eq!(reported("k\u{131}m@x.co").as_deref(), Some("k\u{131}m@x.co"));
        assert_eq!(reported("\u{17f}am@x.co").as_deref(), Some("\u{17f}am@x.co"));
    }

    #[test]
    fn takes_quoted_local_parts_as_django_does() {
        for valid in [r#""a\"b"@c.de"#, r#"""@c.de"#, "\"a\u{7f}\"@c.de", "\"\\\t\"@c.de"] {
            assert!(is_valid(valid), "{valid:?}");
        }
        for invalid in [r#""a"b"@c.de"#, r#""a\"@c.de"#, "\"\t\"@c.de", "\"@c.de", "\"\0\"@c.de"] {
            assert!(!is_valid(invalid), "{invalid:?}");
        }
    }

    #[test]
    fn folds_compatible_spellings_to_one_key() {
        assert_eq!(canonical("Stra\u{df}e@Example.com"), canonical("STRASSE@example.com"));
        assert_eq!(canonical("\u{212a}elvin@a.de"), "kelvin@a.de");
        assert_ne!(canonical("\u{131}@a.de"), canonical("i@a.de"));
    }

    #[test]
    fn knows_a_domain_in_both_of_its_spellings() {
        assert_eq!(canonical("Ada@M\u{fc}nchen.de"), canonical("ada@xn--mnchen-3ya.de"));
        assert_eq!(canonical("ada@m\u{fc}nchen.de"), "ada@xn--mnchen-3ya.de");
        assert_ne!(canonical("ada@m\u{fc}nchen.de"), canonical("ada@munchen.de"));
        assert_eq!(canonical("ada@[127.0.0.1]"), "ada@[127.0.0.1]");
        assert_eq!(canonical("no address"), "no address");
    }
}
