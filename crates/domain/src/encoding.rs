//! The number and byte alphabets of Django's formats: hex, base 32, base 36, base 62 and
//! URL-safe base64.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

/// Reads hexadecimal of either case.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    bytes.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// URL-safe base64 without padding.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads URL-safe base64 with or without padding.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// `number` in base 36, lower case, as in reset links.
#[must_use]
pub fn base36(number: u64) -> String {
    digits(number, BASE36)
}

/// Reads a base 36 number of at most 13 digits in either case; Django refuses longer ones.
#[must_use]
pub fn from_base36(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 13 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(text, 36).ok()
}

/// `number` in base 62 (`0-9A-Za-z`), as in timestamps; negative numbers get a leading `-`.
#[must_use]
pub fn base62(number: i64) -> String {
    let text = digits(number.unsigned_abs(), BASE62);
    if number < 0 { format!("-{text}") } else { text }
}

/// Reads what [`base62`] wrote.
#[must_use]
pub fn from_base62(text: &str) -> Option<i64> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text),
    };
    if body.is_empty() {
        return None;
    }
    let mut number: i64 = 0;
    for byte in body.bytes() {
        let digit = BASE62.iter().position(|d| *d == byte)?;
        number = number.checked_mul(62)?.checked_add(i64::try_from(digit).ok()?)?;
    }
    Some(if negative { -number } else { number })
}

/// Base 32 (RFC 4648) without padding.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(base32_digit(buffer >> bits));
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(base32_digit(buffer << (5 - bits)));
    }
    out
}

/// Reads base 32 of either case, with or without padding; stray bits at the end are dropped, as
/// Python does.
#[must_use]
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    if matches!(text.len() % 8, 1 | 3 | 6) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for byte in text.bytes() {
        let digit = BASE32.iter().position(|d| *d == byte.to_ascii_uppercase())?;
        buffer = (buffer << 5) | u32::try_from(digit).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(buffer >> bits).ok()?);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(out)
}

fn base32_digit(value: u32) -> char {
    char::from(BASE32[usize::try_from(value & 31).unwrap_or(0)])
}

fn digits(mut number: u64, alphabet: &[u8]) -> String {
    let base = alphabet.len() as u64;
    let mut out = Vec::new();
    loop {
        out.push(char::from(alphabet[usize::try_from(number % base).unwrap_or(0)]));
        number /= base;
        if number == 0 {
            return out.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_agrees_with_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
            assert_eq!(from_base32(text).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(from_base32(&text.to_lowercase()).as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn nonsense_is_not_read() {
        assert_eq!(from_base32("A"), None);
        assert_eq!(from_base32("AAA"), None);
        assert_eq!(from_base32("A1"), None);
        assert_eq!(from_hex("abc"), None);
        assert_eq!(from_hex("zz"), None);
        assert_eq!(from_hex("0aFF"), Some(vec![10, 255]));
        assert_eq!(from_base36("zzzzzzzzzzzzz"), None);
        assert_eq!(from_base62(&"z".repeat(40)), None);
        assert_eq!(from_base62("-"), None);
    }

    #[test]
    fn base62_writes_every_number() {
        for number in [i64::MIN + 1, -1, 0, 1, i64::MAX] {
            assert_eq!(from_base62(&base62(number)), Some(number));
        }
    }
}
