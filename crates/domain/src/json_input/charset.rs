//! The charset of a request body, under Python's names for it.

use std::borrow::Cow;

use thiserror::Error;

use super::decode::{self, DecodeError};

/// A charset that bodies are read in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8. A byte order mark stays in the text.
    #[default]
    Utf8,
    /// UTF-8, without a byte order mark if there is one (Python's `utf-8-sig`).
    Utf8Signature,
    /// UTF-16 that begins with a byte order mark.
    Utf16,
    /// UTF-16 in the given order, a mark stays in the text.
    Utf16In(ByteOrder),
    /// UTF-32 that begins with a byte order mark.
    Utf32,
    /// UTF-32 in the given order, a mark stays in the text.
    Utf32In(ByteOrder),
    /// ISO 8859-1.
    Latin1,
    /// ASCII.
    Ascii,
    /// Microsoft's code page 1252.
    Windows1252,
}

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The least significant byte.
    Little,
    /// The most significant byte.
    Big,
}

/// A charset of which Python knows that it makes no text, or that this server does not read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("Unsupported charset \"{0}\" in request Content-Type header.")]
pub struct UnsupportedCharset(pub String);

/// What Python makes of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedCharset {
    /// A charset that bodies are read in.
    Read(Charset),
    /// A charset of which Python knows that it makes no text, or that this server does not read.
    Refused,
    /// Nobody knows it.
    Unknown,
}

impl Charset {
    /// The charset of a name.
    #[must_use]
    pub fn named(label: &str) -> NamedCharset {
        let name = normalized(label);
        match Self::known(&name) {
            Some(charset) => NamedCharset::Read(charset),
            None if is_known_elsewhere(&name) => NamedCharset::Refused,
            None => NamedCharset::Unknown,
        }
    }

    /// The charset that the `charset` parameter of a content type names. UTF-8 if there is none,
    /// or, as in Django, if nobody knows the name.
    ///
    /// # Errors
    /// When Python knows the name, but not as a text encoding that is read here.
    pub fn from_label(label: Option<&str>) -> Result<Self, UnsupportedCharset> {
        let Some(label) = label else { return Ok(Self::Utf8) };
        match Self::named(label) {
            NamedCharset::Read(charset) => Ok(charset),
            NamedCharset::Refused => Err(UnsupportedCharset(label.to_owned())),
            NamedCharset::Unknown => Ok(Self::Utf8),
        }
    }

    fn known(name: &str) -> Option<Self> {
        Some(match name {
            "utf_8" | "utf8" | "u8" | "utf" | "utf8_ucs2" | "utf8_ucs4" | "cp65001" => Self::Utf8,
            "utf_8_sig" => Self::Utf8Signature,
            "utf_16" | "utf16" | "u16" => Self::Utf16,
            "utf_16_le" | "utf_16le" | "unicodelittleunmarked" => Self::Utf16In(ByteOrder::Little),
            "utf_16_be" | "utf_16be" | "unicodebigunmarked" => Self::Utf16In(ByteOrder::Big),
            "utf_32" | "utf32" | "u32" => Self::Utf32,
            "utf_32_le" | "utf_32le" => Self::Utf32In(ByteOrder::Little),
            "utf_32_be" | "utf_32be" => Self::Utf32In(ByteOrder::Big),
            "latin_1" | "latin1" | "latin" | "l1" | "iso8859_1" | "iso_8859_1" | "iso8859"
            | "8859" | "cp819" | "ibm819" | "csisolatin1" | "iso_ir_100" | "iso_8859_1_1987" => {
                Self::Latin1
            }
            "ascii" | "us_ascii" | "us" | "646" | "ansi_x3.4_1968" | "ansi_x3_4_1968"
            | "ansi_x3.4_1986" | "cp367" | "ibm367" | "csascii" | "iso646_us"
            | "iso_646.irv_1991" | "iso_ir_6" => Self::Ascii,
            "cp1252" | "windows_1252" | "1252" => Self::Windows1252,
            _ => return None,
        })
    }

    /// Turns bytes into text. Like Python's stream readers it drops a sequence that is cut off by
    /// the end of the body.
    ///
    /// # Errors
    /// At the first sequence that means nothing.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
        Ok(match self {
            Self::Utf8 => Cow::Borrowed(decode::utf_8(bytes)?),
            Self::Utf8Signature => {
                Cow::Borrowed(decode::utf_8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))?)
            }
            Self::Utf16 => Cow::Owned(decode::marked_utf_16(bytes)?),
            Self::Utf16In(order) => Cow::Owned(decode::utf_16(bytes, 0, order)?),
            Self::Utf32 => Cow::Owned(decode::marked_utf_32(bytes)?),
            Self::Utf32In(order) => Cow::Owned(decode::utf_32(bytes, 0, order)?),
            Self::Latin1 => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
            Self::Ascii => Cow::Owned(decode::ascii(bytes)?),
            Self::Windows1252 => Cow::Owned(decode::windows_1252(bytes)?),
        })
    }

    /// Turns bytes into text, all of them: a sequence that is cut off means nothing, and a byte
    /// order mark may lack (Python's `bytes.decode`).
    #[must_use]
    pub fn decode_whole(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        let (charset, rest) = self.without_mark(bytes);
        match charset {
            Self::Utf8 => std::str::from_utf8(rest).map(Cow::Borrowed).ok(),
            Self::Utf16In(order) => decode::whole_utf_16(rest, order).map(Cow::Owned),
            Self::Utf32In(_) if !rest.len().is_multiple_of(4) => None,
            _ => charset.decode(rest).ok(),
        }
    }

    /// Turns bytes into text, with U+FFFD for what means nothing (Python's `errors="replace"`).
    #[must_use]
    pub fn decode_lossy(self, bytes: &[u8]) -> Cow<'_, str> {
        let (charset, mut rest) = self.without_mark(bytes);
        match charset {
            Self::Utf8 => return String::from_utf8_lossy(rest),
            Self::Utf16In(order) => return Cow::Owned(decode::utf_16_lossy(rest, order)),
            _ => {}
        }
        let mut text = String::new();
        while let Err(DecodeError::Sequence(wrong)) = charset.decode(rest) {
            let (before, from) = rest.split_at_checked(wrong.start).unwrap_or((rest, &[]));
            text.push_str(&charset.decode(before).unwrap_or_default());
            text.push(char::REPLACEMENT_CHARACTER);
            rest = from.get(wrong.length..).unwrap_or_default();
        }
        text.push_str(&charset.decode(rest).unwrap_or_default());
        Cow::Owned(text)
    }

    /// The charset that a byte order mark tells, and the bytes after it. Without one the order is
    /// that of most machines, as in Python.
    fn without_mark(self, bytes: &[u8]) -> (Self, &[u8]) {
        let (little, big) = (ByteOrder::Little, ByteOrder::Big);
        match (self, bytes) {
            (Self::Utf8Signature, bytes) => {
                (Self::Utf8, bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
            }
            (Self::Utf16, [0xfe, 0xff, rest @ ..]) => (Self::Utf16In(big), rest),
            (Self::Utf16, [0xff, 0xfe, rest @ ..] | rest) => (Self::Utf16In(little), rest),
            (Self::Utf32, [0, 0, 0xfe, 0xff, rest @ ..]) => (Self::Utf32In(big), rest),
            (Self::Utf32, [0xff, 0xfe, 0, 0, rest @ ..] | rest) => (Self::Utf32In(little), rest),
            (charset, bytes) => (charset, bytes),
        }
    }
}

/// Lower case, every run of other characters than letters, digits and dots as one `_`.
fn normalized(label: &str) -> String {
    let mut name = String::with_capacity(label.len());
    for character in label.chars() {
        if character.is_ascii_alphanumeric() || character == '.' {
            name.push(character.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    name.truncate(name.trim_end_matches('_').len());
    name
}

/// Whether Python has a codec of this name although [`Charset`] has none: those that make no text,
/// and text encodings that JSON is not sent in. Reading either as UTF-8 would garble it.
fn is_known_elsewhere(name: &str) -> bool {
    match name {
        "base64" | "base_64" | "base64_codec" | "bz2" | "bz2_codec" | "hex" | "hex_codec"
        | "quopri" | "quopri_codec" | "quoted_printable" | "quotedprintable" | "rot13"
        | "rot_13" | "uu" | "uu_codec" | "zip" | "zlib" | "zlib_codec" | "utf_7" | "utf7"
        | "u7" | "unicode_1_1_utf_7" | "idna" | "punycode" | "unicode_escape"
        | "raw_unicode_escape" | "undefined" | "charmap" | "big5" | "big5hkscs" | "gb18030"
        | "gb2312" | "gbk" | "936" | "hz" | "johab" | "sjis" | "s_jis" | "shift_jis"
        | "shiftjis" | "ujis" | "ks_c_5601_1987" | "euc_jp" | "eucjp" | "euc_kr" | "euckr"
        | "euc_cn" | "euccn" | "euc_jis_2004" | "euc_jisx0213" | "shift_jis_2004"
        | "shift_jisx0213" | "kz1048" | "ptcp154" | "palmos" | "hp_roman8" | "tis_620"
        | "macintosh" | "koi8_r" | "koi8_u" | "koi8_t" => true,
        _ => is_of_family(name),
    }
}

/// Whether a name belongs to one of the numbered or otherwise long families of code pages.
fn is_of_family(name: &str) -> bool {
    let numbered = ["cp", "ibm", "windows_", "iso8859_", "iso_8859_", "latin", "l"];
    numbered
        .into_iter()
        .filter_map(|family| name.strip_prefix(family))
        .any(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        || name.starts_with("mac_")
        || name.starts_with("iso2022_")
        || name.starts_with("iso_2022_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_unknown_names_and_refuses_what_it_would_garble() {
        for label in ["unknown-8", "", "utf-9", "cpx", "binary", "lé"] {
            assert_eq!(Charset::from_label(Some(label)), Ok(Charset::Utf8), "{label}");
        }
        for label in ["bz2", "base64", "HEX", "rot13", "zip", "uu", "cp1251", "koi8-r", "Shift_JIS"]
        {
            let refusal = Err(UnsupportedCharset(label.to_owned()));
            assert_eq!(Charset::from_label(Some(label)), refusal, "{label}");
        }
    }

    #[test]
    fn replaces_what_means_nothing_and_reads_on() {
        for (label, bytes, text) in [
            ("utf-8", &b"a\xffb\xe2\x82"[..], "a\u{fffd}b\u{fffd}"),
            ("ascii", b"\xe9a\xe9", "\u{fffd}a\u{fffd}"),
            ("cp1252", b"\x80\x81x", "€\u{fffd}x"),
            ("utf-16", b"\xfe\xff\0a\xdc\x00\0b", "a\u{fffd}b"),
            ("utf-16", b"a\0\x00\xd8b\0", "a\u{fffd}b"),
            ("utf-32-be", b"\0\0\xd8\0\0\0\0x", "\u{fffd}x"),
            ("utf-8-sig", b"\xef\xbb\xbfok", "ok"),
        ] {
            let charset = Charset::from_label(Some(label)).unwrap();
            assert_eq!(charset.decode_lossy(bytes), text, "{label} {bytes:?}");
        }
    }

    #[test]
    fn decodes_all_or_nothing() {
        for (charset, bytes, text) in [
            (Charset::Utf8, &b"\xc3\xa9"[..], Some("é")),
            (Charset::Utf8, b"a\xc3", None),
            (Charset::Utf8Signature, b"\xef\xbb\xbfa", Some("a")),
            (Charset::Utf16, b"a\0", Some("a")),
            (Charset::Utf16, b"\xfe\xff\0a", Some("a")),
            (Charset::Utf16, b"a\0b", None),
            (Charset::Utf16, b"a\0\0\xd8", None),
            (Charset::Utf16In(ByteOrder::Little), b"\xff\xfea\0", Some("\u{feff}a")),
            (Charset::Utf32, b"a\0\0\0", Some("a")),
            (Charset::Utf32, b"a\0\0\0b\0", None),
            (Charset::Ascii, b"\xe9", None),
        ] {
            assert_eq!(charset.decode_whole(bytes).as_deref(), text, "{charset:?} {bytes:?}");
        }
    }

    #[test]
    fn a_body_of_nothing_but_wrong_sequences_costs_no_more_than_another() {
        for charset in [Charset::Ascii, Charset::Windows1252, Charset::Utf16, Charset::Utf32] {
            let bytes = [0x81_u8, 0xd8].repeat(500_000);
            assert!(charset.decode_lossy(&bytes).chars().count() >= 250_000, "{charset:?}");
        }
    }

    #[test]
    fn knows_the_usual_spellings() {
        for (label, charset) in [
            ("UTF8", Charset::Utf8),
            (" utf - 8 ", Charset::Utf8),
            ("utf-8-sig", Charset::Utf8Signature),
            ("ISO-8859-1", Charset::Latin1),
            ("us-ascii", Charset::Ascii),
            ("Windows-1252", Charset::Windows1252),
            ("UTF-16BE", Charset::Utf16In(ByteOrder::Big)),
        ] {
            assert_eq!(Charset::from_label(Some(label)), Ok(charset), "{label}");
        }
        assert_eq!(Charset::from_label(None), Ok(Charset::Utf8));
    }
}
