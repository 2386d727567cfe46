//! Codes as users type them.

use unicode_normalization::UnicodeNormalization as _;

/// Bytes of the longest code that is looked at; folding must not be given more to chew.
const LONGEST: usize = 256;

/// The code without white space around, as Python strips it; `None` if it is far too long.
pub(super) fn trimmed(code: &str) -> Option<&str> {
    // Rust does not count the four separators that Python does.
    let is_blank = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
    (code.len() <= LONGEST).then(|| code.trim_matches(is_blank))
}

/// The code with full-width and other compatible digits made plain.
pub(super) fn folded(code: &str) -> String {
    code.nfkc().collect()
}
