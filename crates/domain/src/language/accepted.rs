//! The `Accept-Language` header, read as Django reads it.

/// The longest language code or header that is looked at, in bytes; Django's
/// `LANGUAGE_CODE_MAX_LENGTH`.
pub(super) const MAX_LENGTH: usize = 500;

/// The language ranges of a header in lower case, most wanted first, ties in their order.
///
/// As with Django, a quality of 0 does not exclude a language, and a header with any error in it
/// counts as empty. Of a header that is too long only what stands before its last comma within
/// [`MAX_LENGTH`] counts.
pub(super) fn ranges(header: &str) -> Vec<String> {
    let Some(header) = shortened(header) else { return Vec::new() };
    let mut found = Vec::new();
    let mut rest = header;
    while !rest.is_empty() {
        let Some((range, quality, after)) = next(rest) else { return Vec::new() };
        found.push((range.to_ascii_lowercase(), quality));
        rest = after;
    }
    found.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
    found.into_iter().map(|(range, _)| range).collect()
}

fn shortened(header: &str) -> Option<&str> {
    let Some(start) = header.as_bytes().get(..MAX_LENGTH) else { return Some(header) };
    if header.len() == MAX_LENGTH {
        return Some(header);
    }
    let comma = start.iter().rposition(|byte| *byte == b',').filter(|comma| *comma > 0)?;
    header.get(..comma)
}

/// One range, its quality in thousandths, and what follows its comma.
fn next(text: &str) -> Option<(&str, u16, &str)> {
    let (range, after) = text.split_at(range_length(text)?);
    let (quality, after) = quality(after).unwrap_or((1000, after));
    if after.is_empty() {
        return Some((range, quality, after));
    }
    let after = after.trim_start().strip_prefix(',')?;
    Some((range, quality, after.trim_start()))
}

/// The length of a leading `*`, or of subtags of 1 to 8 letters and digits, the first letters only.
fn range_length(text: &str) -> Option<usize> {
    if text.starts_with('*') {
        return Some(1);
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(text.len());
    let mut subtags = text.get(..end)?.split('-');
    let primary = subtags.next()?;
    let well_formed = |subtag: &str| (1..=8).contains(&subtag.len());
    let letters = primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    (letters && well_formed(primary) && subtags.all(well_formed)).then_some(end)
}

/// A leading `;q=0.123` or `;q=1.000` in thousandths, and what follows it.
fn quality(text: &str) -> Option<(u16, &str)> {
    let text = text.trim_start().strip_prefix(';')?.trim_start();
    let text = text.strip_prefix("q=").or_else(|| text.strip_prefix("Q="))?;
    let (whole, after) = text.split_at_checked(1)?;
    let most = match whole {
        "0" => '9',
        "1" => '0',
        _ => return None,
    };
    let whole = if whole == "1" { 1000 } else { 0 };
    let Some(fraction) = after.strip_prefix('.') else { return Some((whole, after)) };
    let digits = fraction.chars().take(3).take_while(|c| ('0'..=most).contains(c)).count();
    let (digits, after) = fraction.split_at_checked(digits)?;
    let thousandths = format!("{digits:0<3}").parse::<u16>().ok()?;
    Some((whole + thousandths, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_by_quality_and_then_by_place() {
        assert_eq!(ranges("fr;q=0.5, de;q=0.9"), ["de", "fr"]);
        assert_eq!(ranges("a,b;q=1.000,c;q=0.999,d;q=0"), ["a", "b", "c", "d"]);
        assert_eq!(ranges("de-CH , FR ; Q=0.5"), ["de-ch", "fr"]);
        assert_eq!(ranges("de;q=0.,fr;q=1."), ["fr", "de"]);
        assert_eq!(ranges("es-419,*;q=0.1"), ["es-419", "*"]);
        assert_eq!(ranges("de,"), ["de"]);
    }

    #[test]
    fn any_error_empties_the_header() {
        for header in [
            "",
            " de",
            "de ",
            "de,,fr",
            ",de",
            "de;",
            "de;q=",
            "de;q=x",
            "nonsense; q=x",
            "de;q=1.5",
            "de;q=0.1234",
            "de;q=2",
            "de;q =1",
            "de;x=1",
            "de fr",
            "-de",
            "de-",
            "de--at",
            "abcdefghi",
            "de-abcdefghi",
            "d3",
            "dé",
            "**",
            "de;q=0.5;q=0.6",
        ] {
            assert!(ranges(header).is_empty(), "{header}");
        }
    }

    #[test]
    fn an_overlong_header_counts_up_to_its_last_whole_range() {
        let fitting = format!("{}de", "fr,".repeat(166));
        assert_eq!(fitting.len(), MAX_LENGTH);
        assert_eq!(ranges(&fitting).last().map(String::as_str), Some("de"));
        let longer = format!("{}deutsch,x", "fr,".repeat(166));
        assert_eq!(ranges(&longer), vec!["fr"; 166]);
        assert!(ranges(&"a".repeat(501)).is_empty());
        assert!(ranges(&format!("{}é,de", "a".repeat(499))).is_empty());
    }
}
