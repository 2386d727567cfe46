//! Codes that people type from one device or letter into another.

use subtle::ConstantTimeEq as _;

/// Whether the code that somebody typed is the one that was handed out, ignoring case,
/// white space and punctuation (RFC 8628, section 6.1). Takes the same time wherever they differ.
///
/// An empty code matches nothing, nor does one with other characters than ASCII.
#[must_use]
pub fn matches(typed: &str, expected: &str) -> bool {
    let (typed, expected) = (significant(typed), significant(expected));
    !expected.is_empty()
        && typed.is_ascii()
        && expected.is_ascii()
        && bool::from(typed.as_bytes().ct_eq(expected.as_bytes()))
}

fn significant(code: &str) -> String {
    let counts = |c: &char| !c.is_ascii_punctuation() && !matches!(c, '\t'..='\r' | ' ');
    code.chars().filter(counts).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_how_a_code_is_written_but_not_what_it_says() {
        assert!(matches("ab.cd_ef\tgh\n", "ABCD-EFGH"));
        assert!(!matches("ABCD-EFG", "ABCD-EFGH"));
        assert!(!matches("-- --", "--"));
        assert!(!matches("ABCD\u{2013}EFGH", "ABCD-EFGH"));
    }
}
