//! Codes that people type from one device or letter into another.

use crate::random::{self, RandomSource};

/// Capital letters without vowels, which make no words and are hard to mistake for each other
/// (RFC 8628, section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const DIGITS: &[u8; 10] = b"0123456789";
/// Characters between two dashes.
const GROUP: usize = 4;

/// What codes look like (allauth's `USER_CODE_FORMAT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeFormat {
    /// How many characters, dashes not counted.
    pub length: usize,
    /// Digits only. Otherwise capital letters without vowels.
    pub numeric: bool,
    /// A dash after every fourth character.
    pub dashed: bool,
}

impl CodeFormat {
    /// The fewest characters: a million codes, the least that NIST SP 800-63B allows.
    pub const LEAST: usize = 6;
    /// The most characters of a code that is typed.
    pub const MOST: usize = 32;

    /// How many characters a code has as it is shown.
    #[must_use]
    pub fn shown_length(&self) -> usize {
        let dashes = if self.dashed { self.length.saturating_sub(1) / GROUP } else { 0 };
        self.length + dashes
    }

    /// How many codes there are.
    #[must_use]
    pub fn possibilities(&self) -> f64 {
        let alphabet = if self.numeric { 10.0_f64 } else { 20.0 };
        alphabet.powi(i32::try_from(self.length).unwrap_or(i32::MAX))
    }
}

impl Default for CodeFormat {
    /// `BDWP-HQPK`: 2.56 · 10¹⁰ codes.
    fn default() -> Self {
        Self { length: 8, numeric: false, dashed: true }
    }
}

/// A new code, as it is shown.
pub fn generate(random: &dyn RandomSource, format: CodeFormat) -> String {
    let alphabet: &[u8] = if format.numeric { DIGITS } else { LETTERS };
    let plain = random::text(random, alphabet, format.length);
    if !format.dashed {
        return plain;
    }
    let mut shown = String::with_capacity(plain.len() + plain.len() / GROUP);
    for (position, character) in plain.chars().enumerate() {
        if position > 0 && position % GROUP == 0 {
            shown.push('-');
        }
        shown.push(character);
    }
    shown
}

/// What counts of a code as somebody typed it: not case, white space and punctuation (RFC 8628,
/// section 6.1). `None` if nothing does, or if it has other characters than ASCII.
#[must_use]
pub fn significant(typed: &str) -> Option<String> {
    let counts = |c: &char| !c.is_ascii_punctuation() && !matches!(c, '\t'..='\r' | ' ');
    let code: String = typed.chars().filter(counts).map(|c| c.to_ascii_lowercase()).collect();
    (!code.is_empty() && code.is_ascii()).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn ignores_how_a_code_is_written_but_not_what_it_says() {
        assert_eq!(significant("ab.cd_ef\tgh\n"), significant("ABCD-EFGH"));
        assert_ne!(significant("ABCD-EFG"), significant("ABCD-EFGH"));
        assert_eq!(significant("-- --"), None);
        assert_eq!(significant("ABCD\u{2013}EFGH"), None);
    }

    #[test]
    fn codes_have_the_form_that_is_asked_for() {
        let code = generate(&OsRandom, CodeFormat::default());
        assert_eq!(code.len(), 9, "{code}");
        assert_eq!(&code[4..5], "-");
        assert!(code.bytes().all(|b| b == b'-' || LETTERS.contains(&b)), "{code}");
        let format = CodeFormat { length: 6, numeric: true, dashed: false };
        let code = generate(&OsRandom, format);
        assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
        assert!((format.possibilities() - 1e6).abs() < 0.5);
        let format = CodeFormat { length: 10, numeric: true, dashed: true };
        let code = generate(&OsRandom, format);
        let dashes: Vec<usize> = code.match_indices('-').map(|(at, _)| at).collect();
        assert_eq!(dashes, [4, 9]);
    }
}
