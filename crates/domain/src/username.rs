//! User names: which are allowed, which are the same, and how new ones are made up.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;

use crate::python_text;
use crate::random::{self, RandomSource};

/// The longest user name of Django's column, in code points.
pub const MAX_LENGTH: usize = 150;
/// The most characters that are appended to a name that is taken.
const LONGEST_SUFFIX: usize = 6;
/// How many characters of a suffix are digits before letters follow.
const SUFFIX_DIGITS: usize = 4;

/// Which letters and numbers a user name may have, besides `_ . @ + -`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Characters {
    /// Those of any script (Django's `UnicodeUsernameValidator`).
    #[default]
    Unicode,
    /// ASCII only (Django's `ASCIIUsernameValidator`).
    Ascii,
}

impl Characters {
    /// Whether the name has at least one character and none that is not allowed.
    #[must_use]
    pub fn allow(self, name: &str) -> bool {
        let allowed = |character: char| {
            ".@+-".contains(character)
                || match self {
                    Self::Unicode => python_text::is_word(character),
                    Self::Ascii => character.is_ascii_alphanumeric() || character == '_',
                }
        };
        !name.is_empty() && name.chars().all(allowed)
    }
}

/// Why a user name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UsernameProblem {
    /// It has fewer code points than this.
    #[error("fewer than {0} characters")]
    TooShort(usize),
    /// It has more code points than this.
    #[error("more than {0} characters")]
    TooLong(usize),
    /// It has a character that is not allowed.
    #[error("a character that is not allowed")]
    Characters,
    /// It is on the list of forbidden names.
    #[error("a forbidden name")]
    Blacklisted,
}

/// Whether user names keep the case in which they were typed (`ACCOUNT_PRESERVE_USERNAME_CASING`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Casing {
    /// They do; two names that differ in case only are still the same name.
    #[default]
    Preserved,
    /// They are stored in lower case.
    Lowered,
}

impl Casing {
    /// The form in which a new name is stored.
    #[must_use]
    pub fn stored(self, name: &str) -> String {
        match self {
            Self::Preserved => name.to_owned(),
            Self::Lowered => name.to_lowercase(),
        }
    }

    /// Picks the user whose name is `query` from the rows that a database found; its collation may
    /// ignore more than case. Of two users whose names differ in case only, none is picked:
    /// neither may log in as the other.
    pub fn pick<T>(
        self,
        query: &str,
        rows: impl IntoIterator<Item = T>,
        name: impl Fn(&T) -> &str,
    ) -> Option<T> {
        let query = query.to_lowercase();
        let mut meant = rows.into_iter().filter(|row| match self {
            Self::Preserved => name(row).to_lowercase() == query,
            Self::Lowered => name(row) == query,
        });
        meant.next().filter(|_| meant.next().is_none())
    }
}

/// The rules for new user names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsernameRules {
    characters: Characters,
    min_length: usize,
    blacklist: Vec<String>,
}

impl UsernameRules {
    /// Names of at least `min_length` code points (`ACCOUNT_USERNAME_MIN_LENGTH`), none of them on
    /// the `blacklist` (`ACCOUNT_USERNAME_BLACKLIST`) in whatever case.
    #[must_use]
    pub fn new(characters: Characters, min_length: usize, blacklist: &[String]) -> Self {
        let blacklist = blacklist.iter().map(|name| name.to_lowercase()).collect();
        Self { characters, min_length, blacklist }
    }

    /// The fewest code points of a name.
    #[must_use]
    pub const fn min_length(&self) -> usize {
        self.min_length
    }

    /// Checks a whole name: its length, then [`Self::check_characters`].
    ///
    /// # Errors
    /// With the first rule that it breaks.
    pub fn check(&self, name: &str) -> Result<(), UsernameProblem> {
        let length = name.chars().count();
        if length > MAX_LENGTH {
            return Err(UsernameProblem::TooLong(MAX_LENGTH));
        }
        if length < self.min_length {
            return Err(UsernameProblem::TooShort(self.min_length));
        }
        self.check_characters(name)
    }

    /// Checks what allauth's `clean_username` checks, once a form has checked the length: the
    /// characters and the blacklist.
    ///
    /// # Errors
    /// With the first rule that it breaks.
    pub fn check_characters(&self, name: &str) -> Result<(), UsernameProblem> {
        if !self.characters.allow(name) {
            return Err(UsernameProblem::Characters);
        }
        if self.blacklist.contains(&name.to_lowercase()) {
            return Err(UsernameProblem::Blacklisted);
        }
        Ok(())
    }

    /// Whether Django's column takes these characters, whatever allauth allows besides.
    #[must_use]
    pub fn column_allows(name: &str) -> bool {
        Characters::Unicode.allow(name)
    }

    /// Makes a name of the first text that allows it: first name, last name, e-mail address, wanted
    /// name, in this order. `user` if none does (allauth's `generate_unique_username`).
    pub fn suggest_base<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> String {
        texts
            .into_iter()
            .map(ascii_name)
            .find(|name| self.check_characters(name).is_ok())
            .unwrap_or_else(|| "user".to_owned())
    }

    /// Names to try in turn until one is free: `base` itself, unless it is too short, then with
    /// one to six random characters, four digits at most and then letters, so that together they
    /// are never longer than [`MAX_LENGTH`].
    pub fn candidates<'a>(
        &self,
        base: &'a str,
        random: &'a dyn RandomSource,
    ) -> impl Iterator<Item = String> + use<'a> {
        let length = base.chars().count();
        let shortest = self.min_length.saturating_sub(length).max(1);
        let itself = (length >= self.min_length).then(|| cut(base, MAX_LENGTH).to_owned());
        let suffixed = (shortest..=LONGEST_SUFFIX).map(move |count| {
            let suffix = suffix(random, count);
            format!("{}{suffix}", cut(base, MAX_LENGTH - count))
        });
        itself.into_iter().chain(suffixed)
    }
}

/// What Django's `create_user`, forms and admin do to a user name: NFKC.
#[must_use]
pub fn normalize(name: &str) -> String {
    name.nfkc().collect()
}

/// The key under which two names count as the same for a cautious server: NFKC and full case
/// folding. Names that look alike to people collide more often than in Django, never less.
#[must_use]
pub fn canonical(name: &str) -> String {
    caseless::default_case_fold_str(&normalize(name))
}

/// What is left of a text as an ASCII user name, possibly nothing.
fn ascii_name(text: &str) -> String {
    let lower: String = text
        .nfkd()
        .filter(char::is_ascii)
        .filter(|c| python_text::is_word(*c) || python_text::is_space(*c) || "@+.-".contains(*c))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let before_at = lower.split('@').next().unwrap_or_default();
    let words = before_at.split(python_text::is_space).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

fn suffix(random: &dyn RandomSource, length: usize) -> String {
    let digits = random::text(random, b"0123456789", length.min(SUFFIX_DIGITS));
    // Lower case, so that the name is the same in both kinds of casing.
    let letters = length.saturating_sub(SUFFIX_DIGITS);
    digits + &random::text(random, b"abcdefghijklmnopqrstuvwxyz", letters)
}

/// The first `length` code points.
fn cut(text: &str, length: usize) -> &str {
    text.char_indices().nth(length).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    fn rules(min_length: usize) -> UsernameRules {
        UsernameRules::new(Characters::Unicode, min_length, &["Admin".to_owned()])
    }

    #[test]
    fn checks_length_before_characters_before_the_blacklist() {
        assert_eq!(rules(3).check(" "), Err(UsernameProblem::TooShort(3)));
        assert_eq!(rules(1).check("a b"), Err(UsernameProblem::Characters));
        assert_eq!(rules(1).check("aDMIN"), Err(UsernameProblem::Blacklisted));
        assert_eq!(rules(1).check(&"é".repeat(150)), Ok(()));
        assert_eq!(rules(1).check(&"é".repeat(151)), Err(UsernameProblem::TooLong(150)));
    }

    #[test]
    fn suggests_no_name_that_nobody_gets() {
        assert_eq!(rules(1).suggest_base(["Admin", "\u{1f600}", "Ann"]), "ann");
        assert_eq!(rules(1).suggest_base(["@x", "\u{1c}"]), "user");
    }

    #[test]
    fn appends_ever_longer_suffixes() {
        let long = "é".repeat(200);
        for (base, min_length, lengths) in [
            ("ann", 1, vec![3, 4, 5, 6, 7, 8, 9]),
            ("ann", 6, vec![6, 7, 8, 9]),
            ("ann", 20, vec![]),
            (long.as_str(), 1, vec![150; 7]),
        ] {
            let names: Vec<String> = rules(min_length).candidates(base, &OsRandom).collect();
            let actual: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
            assert_eq!(actual, lengths, "{base} {min_length}");
        }
        let last = rules(1).candidates("ann", &OsRandom).last().unwrap();
        let (digits, letters) = last[3..].split_at(4);
        assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{last}");
        assert!(letters.bytes().all(|byte| byte.is_ascii_lowercase()), "{last}");
    }

    #[test]
    fn picks_the_one_user_who_is_meant() {
        let pick = |casing: Casing, rows: &[&'static str], query: &str| {
            casing.pick(query, rows.to_vec(), |name| name)
        };
        assert_eq!(pick(Casing::Preserved, &["Ann"], "aNN"), Some("Ann"));
        assert_eq!(pick(Casing::Preserved, &["ann", "ANN"], "ann"), None);
        assert_eq!(pick(Casing::Preserved, &["aXb", "a_b", "à_b"], "a_b"), Some("a_b"));
        assert_eq!(pick(Casing::Lowered, &["ann"], "ANN"), Some("ann"));
        assert_eq!(pick(Casing::Lowered, &["Ann"], "ann"), None);
    }
}
