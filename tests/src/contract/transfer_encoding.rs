//! Encodings of mail: bodies (RFC 2045) and words in headers (RFC 2047).

use std::sync::LazyLock;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::{Captures, Regex};

use super::pattern;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

static ENCODED_WORD: LazyLock<Regex> =
    LazyLock::new(|| pattern::fixed(r"=\?([^?\s]+)\?([bBqQ])\?([^?\s]*)\?="));

static BETWEEN_WORDS: LazyLock<Regex> =
    LazyLock::new(|| pattern::fixed(r"(\?[bBqQ]\?[^?\s]*\?=)\s+=\?"));

/// Decodes a body. Unknown encodings, and base64 that is none, leave it as it is.
pub(crate) fn decode_body(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "quoted-printable" => quoted_printable(body),
        "base64" => base64(body).unwrap_or_else(|| body.to_vec()),
        _ => body.to_vec(),
    }
}

/// Decodes the encoded words of a header.
pub(crate) fn decode_header(value: &str) -> String {
    // White space between two encoded words is not part of the text. The pattern takes the
    // start of the following word with it, so a run of words needs a pass for every second one.
    let mut joined = BETWEEN_WORDS.replace_all(value, "$1=?").into_owned();
    while BETWEEN_WORDS.is_match(&joined) {
        joined = BETWEEN_WORDS.replace_all(&joined, "$1=?").into_owned();
    }
    let decoded = ENCODED_WORD.replace_all(&joined, |word: &Captures<'_>| {
        let (whole, [charset, encoding, text]) = word.extract();
        let bytes = match encoding {
            "b" | "B" => base64(text.as_bytes()),
            _ => Some(quoted_printable(text.replace('_', " ").as_bytes())),
        };
        bytes.map_or_else(|| whole.to_owned(), |bytes| decode_charset(charset, &bytes))
    });
    decoded.into_owned()
}

/// Text from bytes: latin-1 as such, everything else as UTF-8.
pub(crate) fn decode_charset(charset: &str, bytes: &[u8]) -> String {
    match charset.to_ascii_lowercase().as_str() {
        "iso-8859-1" | "latin-1" | "latin1" => super::request::latin1_text(bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(text).ok()
}

fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'=', [b'\r', b'\n', tail @ ..] | [b'\n', tail @ ..]) => tail,
            (b'=', [high, low, ..]) if let Some(byte) = hex(*high, *low) => {
                out.push(byte);
                &tail[2..]
            }
            _ => {
                out.push(*first);
                tail
            }
        };
    }
    out
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_bodies() {
        let decoded = |encoding, body: &str| {
            String::from_utf8(decode_body(encoding, body.as_bytes())).unwrap()
        };
        assert_eq!(decoded("quoted-printable", "a=3D=C3=A9 =\r\nb=\nc=xx="), "a=\u{e9} bc=xx=");
        assert_eq!(decoded("Base64", "w6l4\r\neA\r\n"), "\u{e9}xx");
        assert_eq!(decoded("base64", "!"), "!");
        assert_eq!(decoded("8bit", "=3D"), "=3D");
    }

    #[test]
    fn decodes_words_in_headers() {
        let decoded = decode_header("[x] =?utf-8?q?Gr=C3=BC=C3=9Fe_an?= =?utf-8?b?IGFsbGU=?= !");
        assert_eq!(decoded, "[x] Gr\u{fc}\u{df}e an alle !");
        assert_eq!(decode_header("=?iso-8859-1?Q?=E9?="), "\u{e9}");
        assert_eq!(decode_header("=?utf-8?q?a?= =?utf-8?q?b?=\t=?utf-8?q?c?="), "abc");
        assert_eq!(decode_header("1 =? 2"), "1 =? 2");
    }
}
