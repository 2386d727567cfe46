//! `Authorization` headers, read as DRF and SimpleJWT read them.
//!
//! Each scheme is asked separately: `Ok(None)` means that the header is not for it, so that the
//! next scheme is asked. A header is given as the received bytes.

use std::fmt;

use zeroize::Zeroizing;

/// Why a header that names one of our schemes is refused. `Display` is the sentence of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// `Token` and nothing after it.
    #[error("Invalid token header. No credentials provided.")]
    TokenMissing,
    /// More than one value after `Token`.
    #[error("Invalid token header. Token string should not contain spaces.")]
    TokenWithSpaces,
    /// The key is not UTF-8.
    #[error("Invalid token header. Token string should not contain invalid characters.")]
    TokenNotText,
    /// `Basic` and nothing after it.
    #[error("Invalid basic header. No credentials provided.")]
    BasicMissing,
    /// More than one value after `Basic`.
    #[error("Invalid basic header. Credentials string should not contain spaces.")]
    BasicWithSpaces,
    /// Not base64, or without a colon.
    #[error("Invalid basic header. Credentials not correctly base64 encoded.")]
    BasicNotBase64,
    /// A JWT keyword not followed by exactly one value.
    #[error("Authorization header must contain two space-delimited values")]
    JwtNotTwoValues,
}

impl HeaderError {
    /// The `code` member that SimpleJWT puts beside `detail`; DRF's own schemes have none.
    #[must_use]
    pub fn code(self) -> Option<&'static str> {
        (self == Self::JwtNotTwoValues).then_some("bad_authorization_header")
    }
}

/// The key of `Token <key>` (DRF's `TokenAuthentication`), the keyword in any case.
///
/// # Errors
/// One of the `Token…` variants of [`HeaderError`].
pub fn token(header: &[u8]) -> Result<Option<&str>, HeaderError> {
    match words(header) {
        [Some(scheme), ..] if !scheme.eq_ignore_ascii_case(b"token") => Ok(None),
        [None, ..] => Ok(None),
        [_, None, _] => Err(HeaderError::TokenMissing),
        [_, _, Some(_)] => Err(HeaderError::TokenWithSpaces),
        [_, Some(key), None] => {
            std::str::from_utf8(key).map(Some).map_err(|_| HeaderError::TokenNotText)
        }
    }
}

/// Whether the case of a scheme counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `bearer` is not `Bearer`, as in SimpleJWT 5.5.
    Exact,
    /// It is (RFC 9110, section 11.1).
    Ignored,
}

/// The token of `Bearer <token>`, or of any other of `keywords` (SimpleJWT's
/// `AUTH_HEADER_TYPES`). Whether it is a JWT at all is not looked at.
///
/// # Errors
/// [`HeaderError::JwtNotTwoValues`].
pub fn jwt<'h>(
    header: &'h [u8],
    keywords: &[impl AsRef<str>],
    case: Case,
) -> Result<Option<&'h [u8]>, HeaderError> {
    let [scheme, token, rest] = words(header);
    let is_it = |scheme: &[u8], keyword: &[u8]| match case {
        Case::Exact => scheme == keyword,
        Case::Ignored => scheme.eq_ignore_ascii_case(keyword),
    };
    let ours = scheme.is_some_and(|s| keywords.iter().any(|k| is_it(s, k.as_ref().as_bytes())));
    match (ours, token, rest) {
        (false, ..) => Ok(None),
        (true, Some(token), None) => Ok(Some(token)),
        (true, ..) => Err(HeaderError::JwtNotTwoValues),
    }
}

/// A user name and a password of HTTP Basic (RFC 7617). `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    /// What stands before the first colon; may be empty.
    pub username: String,
    /// What stands after it; may be empty and may contain colons.
    pub password: Zeroizing<String>,
}

impl fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BasicCredentials(..)")
    }
}

/// The credentials of `Basic <base64>` (DRF's `BasicAuthentication`), the keyword in any case.
/// They are UTF-8 or, failing that, latin-1.
///
/// # Errors
/// One of the `Basic…` variants of [`HeaderError`].
pub fn basic(header: &[u8]) -> Result<Option<BasicCredentials>, HeaderError> {
    let encoded = match words(header) {
        [Some(scheme), ..] if !scheme.eq_ignore_ascii_case(b"basic") => return Ok(None),
        [None, ..] => return Ok(None),
        [_, None, _] => return Err(HeaderError::BasicMissing),
        [_, _, Some(_)] => return Err(HeaderError::BasicWithSpaces),
        [_, Some(encoded), None] => encoded,
    };
    let bytes = lenient_base64(encoded).ok_or(HeaderError::BasicNotBase64)?;
    let text = Zeroizing::new(match std::str::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    });
    let (username, password) = text.split_once(':').ok_or(HeaderError::BasicNotBase64)?;
    Ok(Some(BasicCredentials {
        username: username.to_owned(),
        password: Zeroizing::new(password.to_owned()),
    }))
}

/// The first three words, which is all that the rules above can tell apart. Blanks are those of
/// Python's `bytes.split()`: unlike Rust's ASCII white space they include the vertical tab.
fn words(header: &[u8]) -> [Option<&[u8]>; 3] {
    let mut words = header
        .split(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c))
        .filter(|word| !word.is_empty());
    [words.next(), words.next(), words.next()]
}

/// Standard base64 as Python's `b64decode` reads it: foreign characters are skipped, padding is
/// demanded and ends the text.
fn lenient_base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
    let (mut bits, mut position, mut pads) = (0u32, 0u8, 0u8);
    for byte in text {
        if *byte == b'=' {
            if position >= 2 {
                pads += 1;
                if position + pads >= 4 {
                    return Some(out);
                }
            }
            continue;
        }
        let Some(value) = base64_value(*byte) else { continue };
        pads = 0;
        bits = bits << 6 | u32::from(value);
        position = (position + 1) % 4;
        // The first character of four completes no byte; each of the others completes one.
        let spare = [0, 4, 2, 0][usize::from((position + 3) % 4)];
        if position != 1 {
            out.push((bits >> spare & 0xff) as u8);
        }
    }
    (position == 0).then_some(out)
}

fn base64_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(header: &[u8]) -> Result<Option<(String, String)>, HeaderError> {
        Ok(basic(header)?.map(|c| (c.username, c.password.to_string())))
    }

    fn both(username: &str, password: &str) -> (String, String) {
        (username.to_owned(), password.to_owned())
    }

    #[test]
    fn basic_reads_user_and_password() {
        assert_eq!(pair(b"Basic YWRhOmxvdmU="), Ok(Some(both("ada", "love"))));
        assert_eq!(pair(b"basic YWRhOmE6Yg=="), Ok(Some(both("ada", "a:b"))));
        assert_eq!(pair(b"BASIC Og=="), Ok(Some(both("", ""))));
    }

    #[test]
    fn basic_is_utf_8_or_else_latin_1() {
        assert_eq!(pair(b"Basic w6k6eA=="), Ok(Some(both("\u{e9}", "x"))));
        assert_eq!(pair(b"Basic 6Tp4"), Ok(Some(both("\u{e9}", "x"))));
    }

    #[test]
    fn basic_skips_foreign_characters_and_stops_at_padding_as_python_does() {
        assert_eq!(pair(b"Basic YW-RhO*mxvdmU="), Ok(Some(both("ada", "love"))));
        assert_eq!(pair(b"Basic YWRhOmxvdmU=YWRh"), Ok(Some(both("ada", "love"))));
        assert_eq!(pair(b"Basic =YWRhOmxvdmU="), Ok(Some(both("ada", "love"))));
    }

    #[test]
    fn basic_refuses_what_is_no_pair() {
        assert_eq!(basic(b"Basic"), Err(HeaderError::BasicMissing));
        assert_eq!(basic(b"Basic a b"), Err(HeaderError::BasicWithSpaces));
        for junk in ["Basic YWRh", "Basic YWRhOmxvdmU", "Basic Y", "Basic YWRhOm=", "Basic !"] {
            assert_eq!(basic(junk.as_bytes()), Err(HeaderError::BasicNotBase64), "{junk}");
        }
        assert_eq!(basic(b""), Ok(None));
        assert_eq!(basic(b"Token x"), Ok(None));
    }

    #[test]
    fn debug_shows_no_credentials() {
        let shown = format!("{:?}", basic(b"Basic YWRhOmxvdmU="));
        assert!(!shown.contains("ada") && !shown.contains("love"), "{shown}");
    }

    #[test]
    fn a_vertical_tab_separates_and_a_no_break_space_does_not() {
        assert_eq!(token(b"Token\x0bk"), Ok(Some("k")));
        assert_eq!(token(b"Token\xa0k"), Ok(None));
        assert_eq!(jwt(b"Bearer\x0c\x0bk\r\n", &["Bearer"], Case::Exact), Ok(Some(&b"k"[..])));
        assert_eq!(jwt(b"Bearer k", &[] as &[&str], Case::Ignored), Ok(None));
    }

    #[test]
    fn a_scheme_in_another_case_is_ours_where_case_is_ignored() {
        for header in ["bearer k", "BEARER k", "bEaReR k"] {
            assert_eq!(jwt(header.as_bytes(), &["Bearer"], Case::Exact), Ok(None));
            assert_eq!(jwt(header.as_bytes(), &["Bearer"], Case::Ignored), Ok(Some(&b"k"[..])));
        }
        assert_eq!(jwt(b"bear k", &["Bearer"], Case::Ignored), Ok(None));
    }

    #[test]
    fn only_the_jwt_error_has_a_code() {
        assert_eq!(HeaderError::JwtNotTwoValues.code(), Some("bad_authorization_header"));
        assert_eq!(HeaderError::TokenMissing.code(), None);
    }
}
