//! The translations into one language.
//!
//! A catalogue is a text of lines `Key "translation"`, sorted by key. The translation is all that
//! stands between the first and the last quotation mark of the line, blanks at its end included.
//! A sentence with plural forms has one line `Key.0`, `Key.1` and so on per form, and a line `Key`
//! with its plural rule unless the first form is for one and the last for everything else. A rule
//! lists the form of every number from 0, one digit each.

use std::sync::OnceLock;

use super::files::CATALOGUES;

/// How many numbers a plural rule lists, from 0.
const RULE_LENGTH: usize = 200;

/// The translations into one language, read when first needed.
pub(crate) struct Catalogue {
    code: &'static str,
    source: &'static str,
    lines: OnceLock<Vec<(&'static str, &'static str)>>,
}

impl Catalogue {
    pub(super) const fn new(code: &'static str, source: &'static str) -> Self {
        Self { code, source, lines: OnceLock::new() }
    }

    /// The catalogue of a language, or else of the language without its region.
    ///
    /// `code` is in lower case. `None` is what makes a language unusable for Django.
    pub(crate) fn of(code: &str) -> Option<&'static Self> {
        let find = |code: &str| {
            let index = CATALOGUES.binary_search_by(|catalogue| catalogue.code.cmp(code)).ok()?;
            CATALOGUES.get(index)
        };
        find(code).or_else(|| find(code.split_once('-')?.0))
    }

    /// The translation listed under this key.
    pub(super) fn get(&self, key: &str) -> Option<&'static str> {
        let lines = self.lines.get_or_init(|| self.source.lines().filter_map(parse).collect());
        let index = lines.binary_search_by(|(listed, _)| (*listed).cmp(key)).ok()?;
        lines.get(index).map(|(_, text)| *text)
    }

    /// The form for this number of the translation listed under this key.
    pub(super) fn plural(&self, key: &str, number: usize) -> Option<&'static str> {
        let usual = || u8::from(number != 1);
        let form = self.get(key).map_or_else(usual, |rule| form_by_rule(rule, number));
        self.get(&format!("{key}.{form}")).or_else(|| self.get(&format!("{key}.0")))
    }
}

fn parse(line: &'static str) -> Option<(&'static str, &'static str)> {
    let (key, quoted) = line.split_once(' ')?;
    Some((key, quoted.strip_prefix('"')?.strip_suffix('"')?))
}

/// Plural rules look at small numbers or at the last two digits, so the numbers below 200 tell all.
/// Some rules single out whole millions too, but no password has to be that long.
fn form_by_rule(rule: &str, number: usize) -> u8 {
    let listed = if number < RULE_LENGTH { number } else { 100 + number % 100 };
    rule.as_bytes().get(listed).map_or(0, |digit| digit.wrapping_sub(b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{parts, sentences};

    #[test]
    fn lists_are_sorted_and_every_line_is_read() {
        assert!(CATALOGUES.is_sorted_by(|a, b| a.code < b.code));
        for catalogue in &CATALOGUES {
            let lines: Vec<_> = catalogue.source.lines().filter_map(parse).collect();
            assert_eq!(lines.len(), catalogue.source.lines().count(), "{}", catalogue.code);
            assert!(lines.is_sorted_by(|a, b| a.0 < b.0), "{}", catalogue.code);
        }
    }

    #[test]
    fn every_key_is_one_of_a_sentence_or_a_part() {
        let known = |key: &str| {
            let sentence =
                key.strip_prefix("PasswordTooShort.").map_or(key, |_| "PasswordTooShort");
            sentences::KEYS.contains(&sentence) || parts::ALL.iter().any(|part| part.key == key)
        };
        for catalogue in &CATALOGUES {
            for (key, _) in catalogue.source.lines().filter_map(parse) {
                assert!(known(key), "{}: {key}", catalogue.code);
            }
        }
    }

    #[test]
    fn plural_rules_list_every_number() {
        for catalogue in &CATALOGUES {
            let Some(rule) = catalogue.get("PasswordTooShort") else { continue };
            assert_eq!(rule.len(), RULE_LENGTH, "{}", catalogue.code);
            for number in 0..RULE_LENGTH {
                let form = form_by_rule(rule, number);
                let key = format!("PasswordTooShort.{form}");
                assert!(catalogue.get(&key).is_some(), "{}: {key}", catalogue.code);
            }
        }
    }

    #[test]
    fn a_region_without_a_catalogue_uses_that_of_its_language() {
        assert_eq!(Catalogue::of("de-at").map(|found| found.code), Some("de"));
        assert_eq!(Catalogue::of("pt-br").map(|found| found.code), Some("pt-br"));
        assert!(Catalogue::of("zh").is_none());
        assert!(Catalogue::of("tlh").is_none());
        assert!(Catalogue::of("").is_none());
    }
}
