//! The fields that all stored texts are made of.

/// Characters of a new salt: the fewest alphanumeric ones that hold 128 bits.
pub(crate) const SALT_LENGTH: usize = 22;

/// Reads a decimal number the one way Django writes it: no sign, no space, no leading zero.
/// Another spelling could never match, since Django compares the whole text.
pub(crate) fn number(text: &str) -> Option<u32> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if canonical { text.parse().ok() } else { None }
}

/// A salt, which may be anything but empty.
pub(crate) fn salt(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Whether a salt of so many characters has less than 128 bits (Django's `must_update_salt`).
pub(crate) fn is_weak_salt(characters: usize) -> bool {
    characters < SALT_LENGTH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(number("1500000"), Some(1_500_000));
        for text in ["", "0", "007", "+7", "-7", " 7", "7 ", "1_000", "٧", "4294967296"] {
            assert_eq!(number(text), None, "{text:?}");
        }
    }
}
