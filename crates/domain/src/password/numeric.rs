//! What Python calls a digit.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Digits that are no decimal numbers: superscripts, subscripts, encircled and the like (Unicode's
/// `Numeric_Type=Digit`), as first and last of each run.
const OTHER_DIGITS: [(char, char); 20] = [
    ('\u{b2}', '\u{b3}'),
    ('\u{b9}', '\u{b9}'),
    ('\u{1369}', '\u{1371}'),
    ('\u{19da}', '\u{19da}'),
    ('\u{2070}', '\u{2070}'),
    ('\u{2074}', '\u{2079}'),
    ('\u{2080}', '\u{2089}'),
    ('\u{2460}', '\u{2468}'),
    ('\u{2474}', '\u{247c}'),
    ('\u{2488}', '\u{2490}'),
    ('\u{24ea}', '\u{24ea}'),
    ('\u{24f5}', '\u{24fd}'),
    ('\u{24ff}', '\u{24ff}'),
    ('\u{2776}', '\u{277e}'),
    ('\u{2780}', '\u{2788}'),
    ('\u{278a}', '\u{2792}'),
    ('\u{10a40}', '\u{10a43}'),
    ('\u{10e60}', '\u{10e68}'),
    ('\u{11052}', '\u{1105a}'),
    ('\u{1f100}', '\u{1f10a}'),
];

/// Whether a text is digits and nothing else (Python's `str.isdigit`); an empty one is not.
pub(crate) fn is_entirely_numeric(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_digit)
}

fn is_digit(character: char) -> bool {
    character.general_category() == GeneralCategory::DecimalNumber
        || OTHER_DIGITS.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_128_digits_that_are_no_decimal_numbers() {
        let all = OTHER_DIGITS.iter().map(|(first, last)| (*first..=*last).count());
        assert_eq!(all.sum::<usize>(), 128);
    }

    #[test]
    fn digits_of_every_script_count_but_fractions_and_numerals_do_not() {
        for text in ["0123456789", "٣٤", "²³", "①", "𝟘"] {
            assert!(is_entirely_numeric(text), "{text}");
        }
        for text in ["", "12a", "½", "Ⅷ", "一", "1 2", "-1", "⑩"] {
            assert!(!is_entirely_numeric(text), "{text}");
        }
    }
}
