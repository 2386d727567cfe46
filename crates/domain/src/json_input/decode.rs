//! From bytes to text, with the refusals of Python's codecs.

use std::fmt;

use thiserror::Error;

use super::charset::ByteOrder;

/// Bytes that are not text in their charset (Python's `UnicodeDecodeError`).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// UTF-16 or UTF-32 without the byte order mark that tells which of both orders it is in.
    #[error("UTF-{0} stream does not start with BOM")]
    NoByteOrderMark(u8),
    /// A wrong sequence.
    #[error(transparent)]
    Sequence(#[from] WrongSequence),
}

/// A sequence of bytes that means nothing in its charset.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct WrongSequence {
    /// Python's name of the codec.
    pub codec: &'static str,
    /// The first byte.
    pub byte: u8,
    /// Where the sequence begins, in bytes.
    pub start: usize,
    /// How many bytes it has.
    pub length: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for WrongSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { codec, byte, start, length, reason } = self;
        write!(f, "'{codec}' codec can't decode ")?;
        if *length == 1 {
            write!(f, "byte 0x{byte:02x} in position {start}: {reason}")
        } else {
            write!(f, "bytes in position {start}-{}: {reason}", start + length - 1)
        }
    }
}

pub(super) fn utf_8(bytes: &[u8]) -> Result<&str, WrongSequence> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let start = error.valid_up_to();
    let (valid, rest) = bytes.split_at(start);
    let (Some(length), Some(byte)) = (error.error_len(), rest.first().copied()) else {
        return Ok(std::str::from_utf8(valid).unwrap_or_default());
    };
    if let [0xed, 0xa0..=0xbf] = rest {
        // Half a surrogate at the very end counts as cut off before it counts as wrong.
        return Ok(std::str::from_utf8(valid).unwrap_or_default());
    }
    let reason = match byte {
        0xc2..=0xf4 => "invalid continuation byte",
        _ => "invalid start byte",
    };
    Err(WrongSequence { codec: "utf-8", byte, start, length, reason })
}

/// UTF-16 in the order that its byte order mark tells.
pub(super) fn marked_utf_16(bytes: &[u8]) -> Result<String, DecodeError> {
    match bytes {
        [0xff, 0xfe, ..] => Ok(utf_16(bytes, 2, ByteOrder::Little)?),
        [0xfe, 0xff, ..] => Ok(utf_16(bytes, 2, ByteOrder::Big)?),
        _ => unmarked(&utf_16(bytes, 0, ByteOrder::Little)?, 16),
    }
}

/// UTF-32 in the order that its byte order mark tells.
pub(super) fn marked_utf_32(bytes: &[u8]) -> Result<String, DecodeError> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => Ok(utf_32(bytes, 4, ByteOrder::Little)?),
        [0, 0, 0xfe, 0xff, ..] => Ok(utf_32(bytes, 4, ByteOrder::Big)?),
        _ => unmarked(&utf_32(bytes, 0, ByteOrder::Little)?, 32),
    }
}

/// Python decodes first and then misses the mark, so a wrong sequence is what it reports, and
/// nothing is missed where nothing was decoded.
fn unmarked(text: &str, bits: u8) -> Result<String, DecodeError> {
    if text.is_empty() { Ok(String::new()) } else { Err(DecodeError::NoByteOrderMark(bits)) }
}

pub(super) fn utf_16(bytes: &[u8], from: usize, order: ByteOrder) -> Result<String, WrongSequence> {
    let (body, _) = bytes.get(from..).unwrap_or_default().as_chunks::<2>();
    let codec = match order {
        ByteOrder::Little => "utf-16-le",
        ByteOrder::Big => "utf-16-be",
    };
    let mut units: Vec<u16> = body.iter().copied().map(unit_of(order)).collect();
    if units.last().is_some_and(|last| (0xd800..0xdc00).contains(last)) {
        units.pop();
    }
    let mut at = 0;
    let mut text = String::with_capacity(units.len());
    for decoded in char::decode_utf16(units.iter().copied()) {
        let character = decoded.map_err(|error| WrongSequence {
            codec,
            byte: bytes.get(from + at * 2).copied().unwrap_or_default(),
            start: from + at * 2,
            length: 2,
            reason: match error.unpaired_surrogate() {
                0xdc00.. => "illegal encoding",
                _ => "illegal UTF-16 surrogate",
            },
        })?;
        at += character.len_utf16();
        text.push(character);
    }
    Ok(text)
}

/// UTF-16 with U+FFFD for what means nothing.
pub(super) fn utf_16_lossy(bytes: &[u8], order: ByteOrder) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    let decoded = char::decode_utf16(units.iter().copied().map(unit_of(order)));
    decoded.map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// UTF-16 of which all means something.
pub(super) fn whole_utf_16(bytes: &[u8], order: ByteOrder) -> Option<String> {
    let (units, []) = bytes.as_chunks::<2>() else { return None };
    char::decode_utf16(units.iter().copied().map(unit_of(order))).collect::<Result<_, _>>().ok()
}

fn unit_of(order: ByteOrder) -> fn([u8; 2]) -> u16 {
    match order {
        ByteOrder::Little => u16::from_le_bytes,
        ByteOrder::Big => u16::from_be_bytes,
    }
}

pub(super) fn utf_32(bytes: &[u8], from: usize, order: ByteOrder) -> Result<String, WrongSequence> {
    let (body, _) = bytes.get(from..).unwrap_or_default().as_chunks::<4>();
    let (codec, unit): (_, fn([u8; 4]) -> u32) = match order {
        ByteOrder::Little => ("utf-32-le", u32::from_le_bytes),
        ByteOrder::Big => ("utf-32-be", u32::from_be_bytes),
    };
    let character = |(index, raw): (usize, &[u8; 4])| {
        char::from_u32(unit(*raw)).ok_or_else(|| WrongSequence {
            codec,
            byte: raw[0],
            start: from + index * 4,
            length: 4,
            reason: match unit(*raw) {
                0xd800..0xe000 => "code point in surrogate code point range(0xd800, 0xe000)",
                _ => "code point not in range(0x110000)",
            },
        })
    };
    body.iter().enumerate().map(character).collect()
}

pub(super) fn ascii(bytes: &[u8]) -> Result<String, WrongSequence> {
    let character = |byte: u8| byte.is_ascii().then(|| char::from(byte));
    by_table(bytes, "ascii", "ordinal not in range(128)", character)
}

pub(super) fn windows_1252(bytes: &[u8]) -> Result<String, WrongSequence> {
    by_table(bytes, "charmap", "character maps to <undefined>", from_windows_1252)
}

fn by_table(
    bytes: &[u8],
    codec: &'static str,
    reason: &'static str,
    table: impl Fn(u8) -> Option<char>,
) -> Result<String, WrongSequence> {
    let character = |(start, byte): (usize, &u8)| {
        table(*byte).ok_or(WrongSequence { codec, byte: *byte, start, length: 1, reason })
    };
    bytes.iter().enumerate().map(character).collect()
}

/// Code page 1252, of which Python leaves five bytes undefined.
fn from_windows_1252(byte: u8) -> Option<char> {
    const FROM_80: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0',
        '\u{2018}', '\u{2019}', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => Some(FROM_80[usize::from(byte - 0x80)]).filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use crate::json_input::charset::Charset;

    fn said(label: &str, bytes: &[u8]) -> String {
        let charset = Charset::from_label(Some(label)).unwrap();
        charset.decode(bytes).map_or_else(|e| e.to_string(), |text| format!("{text:?}"))
    }

    #[test]
    fn refuses_wrong_sequences_in_the_words_of_python() {
        for (label, bytes, codec, place, reason) in [
            ("utf-8", &b"x\xf0\x9f\x98y"[..], "utf-8", "bytes in position 1-3", CONTINUATION),
            ("utf-8", b"\xed\xa0\x80", "utf-8", "byte 0xed in position 0", CONTINUATION),
            ("utf-8", b"\xf4\x90\x80\x80", "utf-8", "byte 0xf4 in position 0", CONTINUATION),
            ("utf-8", b"\xf5", "utf-8", "byte 0xf5 in position 0", START),
            ("utf-8", b"a\xc0", "utf-8", "byte 0xc0 in position 1", START),
            ("utf-16", b"\xff\xfe\x00\xd8a\0", "utf-16-le", "bytes in position 2-3", PAIR),
            ("utf-16", b"\xfe\xff\0a\xdc\x00", "utf-16-be", "bytes in position 4-5", ILLEGAL),
            ("utf-32", b"\xff\xfe\0\0\0\0\x11\0", "utf-32-le", "bytes in position 4-7", RANGE),
            ("utf-32-be", b"\0\0\xd8\0", "utf-32-be", "bytes in position 0-3", SURROGATE),
            ("us-ascii", b"\xe9", "ascii", "byte 0xe9 in position 0", "ordinal not in range(128)"),
            ("cp1252", b"\"\x81", "charmap", "byte 0x81 in position 1", UNDEFINED),
        ] {
            let wanted = format!("'{codec}' codec can't decode {place}: {reason}");
            assert_eq!(said(label, bytes), wanted, "{label} {bytes:?}");
        }
    }

    const CONTINUATION: &str = "invalid continuation byte";
    const START: &str = "invalid start byte";
    const PAIR: &str = "illegal UTF-16 surrogate";
    const ILLEGAL: &str = "illegal encoding";
    const RANGE: &str = "code point not in range(0x110000)";
    const SURROGATE: &str = "code point in surrogate code point range(0xd800, 0xe000)";
    const UNDEFINED: &str = "character maps to <undefined>";

    #[test]
    fn decodes_and_drops_what_the_end_cuts_off() {
        for (label, bytes, text) in [
            ("utf-8", &b"ok\xe2\x80"[..], "ok"),
            ("utf-8-sig", b"\xef\xbb\xbfok", "ok"),
            ("utf-8-sig", b"ok", "ok"),
            ("utf-8", b"ok\xed\xa0", "ok"),
            ("utf-16", b"\x00\xd8", ""),
            ("utf-16", b"{", ""),
            ("utf-16", b"\xfe\xff\0{\0}", "{}"),
            ("utf-16", b"\xff\xfe{\0\x00\xd8", "{"),
            ("utf-16", b"\xff\xfe{\0}\0x", "{}"),
            ("utf_16_le", b"{\0}\0", "{}"),
            ("utf-32", b"\xff\xfe\0\0{\0\0\0}\0", "{"),
            ("utf-32", b"{}", ""),
            ("latin-1", b"\x80\xe9", "\u{80}é"),
            ("windows-1252", b"\x80\x92\xe9", "€\u{2019}é"),
        ] {
            assert_eq!(said(label, bytes), format!("{text:?}"), "{label} {bytes:?}");
        }
    }

    #[test]
    fn wants_a_byte_order_mark_where_the_order_is_open() {
        assert_eq!(said("utf-16", b"{\0}\0"), "UTF-16 stream does not start with BOM");
        assert_eq!(said("utf-32", b"{\0\0\0"), "UTF-32 stream does not start with BOM");
    }
}
