//! Headers that are a value with parameters, such as `form-data; name="a"`, read as Django reads
//! them: with the parser of Python's package `email`, RFC 2231 included.

use crate::json_input::charset::{Charset, NamedCharset};

/// The longest header that is read, in characters (Django's `MAX_HEADER_LENGTH`).
const LONGEST: usize = 10_000;

/// A header of a value and parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderParameters {
    /// The value in front of the parameters, in lower case.
    pub value: String,
    parameters: Vec<(String, String)>,
}

impl HeaderParameters {
    /// Reads a header. `None` for one that is longer than 10,000 characters, or has a parameter in
    /// a charset that nobody knows.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        if line.chars().nth(LONGEST).is_some() {
            return None;
        }
        if !line.contains(';') {
            return Some(Self { value: line.trim().to_lowercase(), parameters: Vec::new() });
        }
        let mut parts = parts(line).into_iter();
        let value = parts.next().map(|(name, _)| name.to_lowercase()).unwrap_or_default();
        let mut parameters = Vec::new();
        let mut extended: Vec<(String, Vec<Section>)> = Vec::new();
        for (name, text) in parts {
            let text = unquoted(&text);
            match Section::named(&name, &text) {
                None => parameters.push((name, text)),
                Some((name, section)) => match extended.iter_mut().find(|(n, _)| *n == name) {
                    Some((_, sections)) => sections.push(section),
                    None => extended.push((name, vec![section])),
                },
            }
        }
        for (name, sections) in extended {
            parameters.push((name, joined(sections)?));
        }
        Some(Self { value, parameters })
    }

    /// A parameter, by its name in lower case. If several have this name, the last one counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().rev().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// All parameters in the order in which they are read.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// The parts between semicolons that are in no quotes, as names in lower case and values.
fn parts(line: &str) -> Vec<(String, String)> {
    let mut ends = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b';' if !quoted => ends.push(at),
            b'"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = byte == b'\\';
    }
    // A quote that is never closed ends with the header.
    ends.push(line.len());
    let mut start = 0;
    let mut parts = Vec::with_capacity(ends.len());
    for end in ends {
        let (name, value) = match line[start..end].split_once('=') {
            Some((name, value)) => (name.trim().to_lowercase(), value.trim()),
            None => (line[start..end].trim().to_owned(), ""),
        };
        parts.push((name, value.to_owned()));
        start = end + 1;
    }
    parts
}

fn unquoted(text: &str) -> String {
    let inner = |open: char, close: char| text.strip_prefix(open)?.strip_suffix(close);
    match (inner('"', '"'), inner('<', '>')) {
        (Some(quoted), _) => quoted.replace(r"\\", "\\").replace("\\\"", "\""),
        (None, Some(angled)) => angled.to_owned(),
        (None, None) => text.to_owned(),
    }
}

/// A part of a value that is continued or encoded (RFC 2231, sections 3 and 4).
struct Section {
    /// Its place among the parts; `None` where the name says none.
    number: Option<u32>,
    text: String,
    encoded: bool,
}

impl Section {
    /// The section that a name such as `name*`, `name*0` or `name*0*` says, and the name of the
    /// whole. `None` for every other name.
    fn named(name: &str, text: &str) -> Option<(String, Self)> {
        let (base, tail) = name.split_once('*')?;
        let of_word = |c: char| c.is_alphanumeric() || c == '_';
        if base.is_empty() || !base.chars().all(of_word) {
            return None;
        }
        let digits = tail.strip_suffix('*').unwrap_or(tail);
        let number = match (tail, digits) {
            ("", _) => None,
            (_, digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.parse().ok()?),
            _ => return None,
        };
        let encoded = name.ends_with('*');
        Some((base.to_owned(), Self { number, text: text.to_owned(), encoded }))
    }
}

/// The value that the sections make. `None` if its charset is unknown.
fn joined(mut sections: Vec<Section>) -> Option<String> {
    if sections.iter().any(|section| section.number == Some(0)) {
        sections.retain(|section| section.number.is_some());
    }
    sections.sort_by_key(|section| section.number.unwrap_or(0));
    let is_extended = sections.iter().any(|section| section.encoded);
    let mut text = String::new();
    for section in sections {
        if section.encoded {
            text.extend(percent_decoded(&section.text).into_iter().map(char::from));
        } else {
            text.push_str(&section.text);
        }
    }
    if !is_extended {
        return Some(text);
    }
    let mut fields = text.splitn(3, '\'');
    let (charset, value) = match (fields.next(), fields.next(), fields.next()) {
        (Some(charset), Some(_), Some(value)) => (charset, value),
        _ => ("us-ascii", text.as_str()),
    };
    match Charset::named(charset) {
        NamedCharset::Read(charset) => Some(charset.decode_lossy(&latin_1(value)).into_owned()),
        NamedCharset::Refused => Some(value.to_owned()),
        NamedCharset::Unknown if charset.is_empty() => Some(value.to_owned()),
        NamedCharset::Unknown => None,
    }
}

/// The bytes that a text with escapes such as `%e2` stands for; what is no escape stays.
#[must_use]
pub fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digit = |at: usize| after.get(at).and_then(|b| char::from(*b).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, digit(0), digit(1)) {
            out.extend(u8::try_from(high * 16 + low));
            rest = &after[2..];
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

/// The bytes of a text whose characters stand for bytes; others are written as Python writes them.
fn latin_1(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(character) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(format!("\\u{:04x}", u32::from(character)).bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<(String, String)> {
        let header = HeaderParameters::parse(line).unwrap();
        header.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn names_ignore_case_and_values_lose_their_quotes() {
        let header = HeaderParameters::parse("Form-Data; NAME=\"a; b\" ; x=<y>; lonely").unwrap();
        assert_eq!(header.value, "form-data");
        assert_eq!(header.get("name"), Some("a; b"));
        assert_eq!(header.get("x"), Some("y"));
        assert_eq!(header.get("lonely"), Some(""));
        assert_eq!(read(r#"a; n="q\"\\u""#), pairs(&[("n", r#"q"\u"#)]));
        assert_eq!(read("a; n=\"never closed; m=1"), pairs(&[("n", "\"never closed; m=1")]));
        assert_eq!(HeaderParameters::parse(" Text/Plain ").unwrap().value, "text/plain");
    }

    #[test]
    fn values_in_another_charset_and_in_parts_are_put_together() {
        assert_eq!(read("a; name*=utf-8''%e2%82%ac"), pairs(&[("name", "€")]));
        assert_eq!(read("a; name*=iso-8859-1'de'%e9"), pairs(&[("name", "é")]));
        assert_eq!(read("a; name*1=b; name*0=a"), pairs(&[("name", "ab")]));
        assert_eq!(read("a; name*0*=utf-8''%c3; name*1*=%a9"), pairs(&[("name", "é")]));
        assert_eq!(read("a; name*=plain"), pairs(&[("name", "plain")]));
        assert_eq!(read("a; name=b; name*=utf-8''c").last(), pairs(&[("name", "c")]).last());
        assert_eq!(HeaderParameters::parse("a; name*=nobody''b"), None);
    }

    #[test]
    fn a_header_without_end_is_not_read() {
        assert_eq!(HeaderParameters::parse(&"a;".repeat(6_000)), None);
    }
}
