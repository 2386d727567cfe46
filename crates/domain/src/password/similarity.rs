//! How alike two texts are, as Python's difflib and Django's similarity validator see it.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// From which ratio on a password is too similar: Django's `max_similarity`, 0.7 by default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaxSimilarity(f64);

impl MaxSimilarity {
    /// Django allows nothing below: nearly every password would be too similar.
    pub const LEAST: f64 = 0.1;

    /// `None` below [`LEAST`](Self::LEAST). Above 1.0 nothing is ever too similar.
    #[must_use]
    pub fn new(ratio: f64) -> Option<Self> {
        (ratio >= Self::LEAST).then_some(Self(ratio))
    }

    /// The ratio.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.0
    }
}

impl Default for MaxSimilarity {
    fn default() -> Self {
        Self(0.7)
    }
}

/// Whether the password resembles the value or one of the words in it; case does not matter.
#[must_use]
pub fn is_too_similar(password: &str, value: &str, max: MaxSimilarity) -> bool {
    let (password, value) = (password.to_lowercase(), value.to_lowercase());
    parts(&value).any(|part| {
        !is_out_of_proportion(&password, part, max) && quick_ratio(&password, part) >= max.0
    })
}

/// `2 · m / (a + b)`, where `m` counts the characters that both texts have, in any order, and `a`
/// and `b` are the lengths in characters (difflib's `SequenceMatcher.quick_ratio`). 1.0 for two
/// empty texts.
#[must_use]
pub fn quick_ratio(one: &str, other: &str) -> f64 {
    let (one, other) = (sorted(one), sorted(other));
    let length = one.len() + other.len();
    if length == 0 { 1.0 } else { 2.0 * float(in_both(&one, &other)) / float(length) }
}

/// Whether the value is so much shorter than the password that it is not compared (Django's
/// `exceeds_maximum_length_ratio`).
#[must_use]
pub fn is_out_of_proportion(password: &str, value: &str, max: MaxSimilarity) -> bool {
    let (password, value) = (password.chars().count(), value.chars().count());
    password >= value.saturating_mul(10) && float(value) < max.0 / 2.0 * float(password)
}

/// The words of a text and the whole of it (Python's `re.split(r"\W+", value) + [value]`).
fn parts(value: &str) -> impl Iterator<Item = &str> {
    // A separator at either end leaves an empty word there; it only matters to empty passwords.
    let at_the_edge = value.starts_with(is_separator) || value.ends_with(is_separator);
    value
        .split(is_separator)
        .filter(|word| !word.is_empty())
        .chain(at_the_edge.then_some(""))
        .chain(std::iter::once(value))
}

/// Python's `\W`: neither a letter nor any kind of number nor an underscore.
fn is_separator(character: char) -> bool {
    let group = character.general_category_group();
    let word = matches!(group, GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number);
    !word && character != '_'
}

fn sorted(text: &str) -> Vec<char> {
    let mut characters: Vec<char> = text.chars().collect();
    characters.sort_unstable();
    characters
}

/// The size of the intersection of two sorted multisets.
fn in_both(one: &[char], other: &[char]) -> usize {
    let mut rest = other.iter().peekable();
    let mut count = 0;
    for character in one {
        while rest.next_if(|next| *next < character).is_some() {}
        count += usize::from(rest.next_if_eq(&character).is_some());
    }
    count
}

/// Exact for every length that fits a request.
fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_runs_of_separators() {
        let words = |text| parts(text).collect::<Vec<_>>();
        assert_eq!(words("o'donnell-smith"), ["o", "donnell", "smith", "o'donnell-smith"]);
        assert_eq!(words("a -- b_c"), ["a", "b_c", "a -- b_c"]);
        assert_eq!(words("@home"), ["home", "", "@home"]);
        assert_eq!(words("山田@日本.jp"), ["山田", "日本", "jp", "山田@日本.jp"]);
    }

    #[test]
    fn the_least_allowed_maximum_is_a_tenth() {
        assert!(MaxSimilarity::new(0.1).is_some());
        assert!(MaxSimilarity::new(0.099).is_none());
        assert!(MaxSimilarity::new(f64::NAN).is_none());
    }
}
