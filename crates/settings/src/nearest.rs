//! The nearest known word to one that is not known.

/// The least likeness (Jaro-Winkler) at which a word is worth suggesting.
pub(crate) const LIKENESS: f64 = 0.84;

/// The known word that is nearest to a text.
#[must_use]
pub fn word<'a>(known: impl Iterator<Item = &'a str>, text: &str) -> Option<&'a str> {
    let scored = known.map(|word| (strsim::jaro_winkler(word, text), word));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(likeness, _)| *likeness >= LIKENESS).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_suggested_only_if_they_are_alike() {
        assert_eq!(word(["anon", "user"].into_iter(), "anno"), Some("anon"));
        assert_eq!(word(["anon", "user"].into_iter(), "zzz"), None);
    }
}
