//! The user's id in reset links: base 36 with allauth, base64 of the decimal text without.
//!
//! Both readers take what Python's `int` takes, because links that Django accepts must keep
//! working: blanks around, a sign, `_` between digits, and the decimal digits of any script.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use crate::encoding;

/// Digits that Django's `base36_to_int` reads at most.
const LONGEST_BASE36: usize = 13;
/// Characters of the longest number that can be an id, with room for leading zeros.
const LONGEST_DECIMAL: usize = 64;

/// The id in base 36, lower case (allauth).
#[must_use]
pub fn base36(pk: i64) -> String {
    let digits = encoding::base36(pk.unsigned_abs());
    if pk < 0 { format!("-{digits}") } else { digits }
}

/// Reads a base 36 id; `None` for what is no number, longer than 13 characters or no `i64`.
#[must_use]
pub fn from_base36(text: &str) -> Option<i64> {
    python_int(text, 36, LONGEST_BASE36)
}

/// The id as URL-safe base64 of its decimal text (Django without allauth).
#[must_use]
pub fn base64(pk: i64) -> String {
    encoding::base64url(pk.to_string())
}

/// Reads an id that [`base64()`] wrote, with or without padding.
#[must_use]
pub fn from_base64(text: &str) -> Option<i64> {
    let bytes = encoding::from_base64url(text)?;
    python_int(std::str::from_utf8(&bytes).ok()?, 10, LONGEST_DECIMAL)
}

/// Python's `int(text, radix)` for numbers that fit an `i64`.
fn python_int(text: &str, radix: u32, longest: usize) -> Option<i64> {
    if text.chars().count() > longest {
        return None;
    }
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut number: i64 = 0;
    let mut after_digit = false;
    for character in digits.chars() {
        if character == '_' && after_digit {
            after_digit = false;
            continue;
        }
        let digit = digit(character).filter(|digit| *digit < radix)?;
        number = number.checked_mul(i64::from(radix))?.checked_add(i64::from(digit))?;
        after_digit = true;
    }
    if !after_digit {
        return None;
    }
    Some(if negative { -number } else { number })
}

/// The value of an ASCII letter or digit, or of a decimal digit of any script.
fn digit(character: char) -> Option<u32> {
    if character.is_ascii() {
        return character.to_digit(36);
    }
    // Unicode keeps the ten digits of a script together and in order, so the distance from the
    // start of the run tells the value, also where several runs touch.
    let is_digit = |code: u32| {
        char::from_u32(code).is_some_and(|c| c.general_category() == GeneralCategory::DecimalNumber)
    };
    let code = u32::from(character);
    if !is_digit(code) {
        return None;
    }
    let before = (1..=code).take_while(|distance| is_digit(code - distance)).count();
    u32::try_from(before % 10).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_other_scripts_count_as_in_python() {
        assert_eq!(from_base36("\u{661}\u{669}"), Some(36 + 9));
        assert_eq!(from_base36("\u{1d7d8}\u{1d7e1}\u{1d7ff}"), Some(9 * 36 + 9));
        assert_eq!(from_base36("\u{b2}"), None);
    }

    #[test]
    fn numbers_beyond_the_column_are_refused() {
        assert_eq!(from_base36("1y2p0ij32e8e8"), None);
        assert_eq!(from_base36("zzzzzzzzzzzzz"), None);
        assert_eq!(from_base64(&encoding::base64url("9".repeat(65))), None);
    }

    #[test]
    fn underscores_stand_only_between_digits() {
        for text in ["_1", "1_", "1__0", "-", "+", "+-1", "- 1", " "] {
            assert_eq!(from_base36(text), None, "{text:?}");
        }
    }
}
