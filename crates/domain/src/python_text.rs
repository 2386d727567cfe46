//! What Python means by white space, by a word character and by printing a number.
//!
//! Rust's own notions differ in a few code points, and each of them would be a password or a
//! user name that works on one side only.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// Whether Python's `str.isspace`, and so `str.strip`, takes the character for white space.
///
/// Unlike [`char::is_whitespace`] this includes U+001C to U+001F.
#[must_use]
pub const fn is_space(character: char) -> bool {
    matches!(
        character,
        '\t'..='\r'
            | '\u{1c}'..=' '
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
    )
}

/// The text without white space on either end: Python's `str.strip()`.
#[must_use]
pub fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether Python's `\w` matches: a letter or number of any script, or `_`.
///
/// Unlike `\w` of Unicode's own recommendation it excludes combining marks, joiners and the other
/// connectors, and includes numbers such as `²` and `½`.
#[must_use]
pub fn is_word(character: char) -> bool {
    character == '_'
        || character.is_ascii_alphanumeric()
        || (!character.is_ascii()
            && matches!(
                character.general_category_group(),
                GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number
            ))
}

/// A float as Python prints it: the shortest digits that read back the same, `12345.0`,
/// `1e+22`, `1e-05`, `inf`.
#[must_use]
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = shortest(number);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return fixed(mantissa, exponent);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// The shortest digits that read back the same, as `d.ddde±x`. Where two are equally near, Python
/// takes the even one and Rust the larger.
fn shortest(number: f64) -> String {
    let shortest = format!("{number:e}");
    let digits = shortest.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    let even = format!("{number:.*e}", digits.saturating_sub(1));
    let reads_back = even.parse::<f64>().is_ok_and(|read| read.to_bits() == number.to_bits());
    if reads_back { even } else { shortest }
}

/// The digits of `mantissa` with the point moved by `exponent`, and at least one digit after it.
fn fixed(mantissa: &str, exponent: i32) -> String {
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits = mantissa.replace('.', "");
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(places - 1));
    }
    let whole = format!("{digits:0<width$}", width = places + 1);
    let (before, after) = whole.split_at(places + 1);
    format!("{sign}{before}.{}", if after.is_empty() { "0" } else { after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_the_separators_that_rust_would_keep() {
        assert_eq!(strip("\u{1c}\u{1f}\u{a0}\u{3000}x y\u{85}\u{2003}\n"), "x y");
        assert_eq!(strip("\u{200b}x\u{feff}"), "\u{200b}x\u{feff}");
        assert_eq!(strip(" \t "), "");
    }

    #[test]
    fn knows_words_as_python_does() {
        for word in ['a', '9', '_', '\u{b2}', '\u{bd}', '\u{2167}', '\u{aa}', '字'] {
            assert!(is_word(word), "{word:?}");
        }
        for other in ['\u{301}', '\u{200d}', '\u{203f}', '-', ' ', '\u{20ac}', '\u{345}'] {
            assert!(!is_word(other), "{other:?}");
        }
    }

    #[test]
    fn prints_floats_as_python_does() {
        for (number, text) in [
            (12345.0, "12345.0"),
            (1e22, "1e+22"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (-4_238_198_009_074.656_3, "-4238198009074.6562"),
            (123.0, "123.0"),
            (0.0, "0.0"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float_repr(number), text);
        }
    }
}
