//! `application/x-www-form-urlencoded`, read as Django reads it.

use std::borrow::Cow;

use rest_auth_domain::header_parameters::percent_decoded;
use rest_auth_domain::json_input::charset::Charset;

use super::{Fields, RawValue};
use crate::error::ApiError;
use crate::rules::body_limits::BodyLimits;

/// Reads a form in its charset. A body that is not in it is read as latin-1, and escapes that mean
/// nothing become U+FFFD.
///
/// # Errors
/// [`ApiError::TooLarge`] for too many fields.
pub(super) fn urlencoded(
    body: &[u8],
    charset: Charset,
    limits: BodyLimits,
) -> Result<Fields, ApiError> {
    let latin_1 = || Cow::Owned(body.iter().copied().map(char::from).collect());
    let text = charset.decode_whole(body).unwrap_or_else(latin_1);
    if text.split('&').count() > limits.form_fields {
        return Err(ApiError::TooLarge);
    }
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescaped(name, charset), RawValue::Text(unescaped(value, charset)))
    };
    Ok(Fields(text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()))
}

/// A name or a value: `+` is a blank, and each run of ASCII is the escaped form of bytes.
fn unescaped(text: &str, charset: Charset) -> String {
    let text = text.replace('+', " ");
    if !text.contains('%') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let ascii = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
        out.push_str(&charset.decode_lossy(&percent_decoded(&rest[..ascii])));
        rest = &rest[ascii..];
        let other = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
        out.push_str(&rest[..other]);
        rest = &rest[other..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &[u8], charset: Charset) -> Vec<(String, String)> {
        let limits = BodyLimits { bytes: usize::MAX, form_fields: 4, files: 0 };
        let Fields(fields) = urlencoded(body, charset, limits).unwrap();
        let text = |given| match given {
            RawValue::Text(text) => text,
            other => panic!("{other:?}"),
        };
        fields.into_iter().map(|(name, given)| (name, text(given))).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn escapes_are_bytes_in_the_charset_of_the_body() {
        assert_eq!(fields(b"a=%C3%A9+b", Charset::Utf8), pairs(&[("a", "é b")]));
        assert_eq!(fields(b"a=%E9", Charset::Latin1), pairs(&[("a", "é")]));
        assert_eq!(fields(b"a=\xe9%E9", Charset::Latin1), pairs(&[("a", "éé")]));
        assert_eq!(fields("ä=é%C3%A9".as_bytes(), Charset::Utf8), pairs(&[("ä", "éé")]));
        assert_eq!(fields(b"a=%E9x", Charset::Utf8), pairs(&[("a", "\u{fffd}x")]));
    }

    #[test]
    fn a_body_in_another_charset_is_taken_for_latin_1() {
        assert_eq!(fields(b"a=\xe9", Charset::Utf8), pairs(&[("a", "é")]));
        assert_eq!(fields(b"a=1", Charset::Utf16), pairs(&[("a", "1")]));
        assert_eq!(fields(b"a\0=\0\xe9\0", Charset::Utf16), pairs(&[("a", "é")]));
    }

    #[test]
    fn what_has_no_value_is_empty_and_no_field_is_none() {
        assert_eq!(fields(b"a&b=&=c", Charset::Utf8), pairs(&[("a", ""), ("b", ""), ("", "c")]));
        assert_eq!(fields(b"a=1&&b=%zz", Charset::Utf8), pairs(&[("a", "1"), ("b", "%zz")]));
        let limits = BodyLimits { bytes: usize::MAX, form_fields: 4, files: 0 };
        let five = urlencoded(b"a&b&c&d&", Charset::Utf8, limits);
        assert!(matches!(five, Err(ApiError::TooLarge)));
    }
}
