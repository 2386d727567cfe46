//! The number and byte alphabets of Django's formats: hex, base 32, base 36, base 62 and
//! URL-safe base64.

use std::sync::LazyLock;

use data_encoding::{
    BASE32_NOPAD, BASE32_NOPAD_NOCASE, BASE64, BASE64URL_NOPAD, Encoding, HEXLOWER,
    HEXLOWER_PERMISSIVE,
};

const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Base 32 of either case that ignores stray bits at the end, as Python does.
static LENIENT_BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut lenient = BASE32_NOPAD_NOCASE.specification();
    lenient.check_trailing_bits = false;
    lenient.encoding().unwrap_or(BASE32_NOPAD_NOCASE)
});

/// Base 64 with padding that ignores stray bits at the end, as Python does.
static LENIENT_BASE64: LazyLock<Encoding> = LazyLock::new(|| {
    let mut lenient = BASE64.specification();
    lenient.check_trailing_bits = false;
    lenient.encoding().unwrap_or(BASE64)
});

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Reads hexadecimal of either case.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

/// URL-safe base64 without padding.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

/// Reads URL-safe base64 with or without padding.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes()).ok()
}

/// Reads base64 with its padding and nothing between, as the parts of forms have it.
#[must_use]
pub fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    LENIENT_BASE64.decode(text).ok()
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
    BASE32_NOPAD.encode(bytes)
}

/// Reads base 32 of either case, with or without padding; stray bits at the end are dropped, as
/// Python does.
#[must_use]
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    LENIENT_BASE32.decode(text.trim_end_matches('=').as_bytes()).ok()
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
    fn stray_bits_at_the_end_of_base32_are_dropped() {
        for text in ["MY", "MZ", "mz======"] {
            assert_eq!(from_base32(text).as_deref(), Some(&b"f"[..]), "{text}");
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
        assert_eq!(from_base64url("A"), None);
        assert_eq!(from_base64(b"YQ"), None);
        assert_eq!(from_base64(b"YQ==\n"), None);
        assert_eq!(from_base64(b"YR==").as_deref(), Some(&b"a"[..]));
        assert_eq!(from_base64url("AB"), None);
        assert_eq!(from_base64url("AA+A"), None);
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
