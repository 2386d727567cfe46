//! Codes of an authenticator app (RFC 6238 with SHA-1, as all apps have it).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// How the codes of a scenario's server are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Totp {
    /// Length of a code.
    pub(crate) digits: u32,
    /// Seconds for which a code holds.
    pub(crate) period: i64,
}

impl Totp {
    /// The code for a Base32 secret, `offset` periods away from the one that `timestamp`
    /// (seconds since the epoch) lies in. `None` if secret, time or parameters are no good.
    pub(crate) fn code(self, secret: &str, timestamp: i64, offset: i64) -> Option<String> {
        let counter = timestamp.checked_div_euclid(self.period)?.checked_add(offset)?;
        let counter = u64::try_from(counter).ok()?;
        let mut mac = Hmac::<Sha1>::new_from_slice(&base32(secret)?).ok()?;
        mac.update(&counter.to_be_bytes());
        let mac = mac.finalize().into_bytes();
        let start = usize::from(mac.last()? & 15);
        let word: [u8; 4] = mac.get(start..start + 4)?.try_into().ok()?;
        let number = u64::from(u32::from_be_bytes(word) & 0x7fff_ffff);
        let code = number % 10_u64.checked_pow(self.digits)?;
        let width = usize::try_from(self.digits).ok()?;
        Some(format!("{code:0width$}"))
    }
}

/// Decodes Base32 (RFC 4648) in upper case, with or without padding.
fn base32(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for c in text.trim_end_matches('=').bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn gives_the_codes_of_rfc_6238() {
        let totp = Totp { digits: 8, period: 30 };
        assert_eq!(totp.code(SECRET, 59, 0).as_deref(), Some("94287082"));
        assert_eq!(totp.code(SECRET, 1_111_111_109, 0).as_deref(), Some("07081804"));
        assert_eq!(totp.code(SECRET, 20_000_000_000, 0).as_deref(), Some("65353130"));
        assert_eq!(totp.code(SECRET, 1_111_111_139, -1).as_deref(), Some("07081804"));
    }

    #[test]
    fn bad_secrets_and_parameters_give_no_code() {
        let totp = Totp { digits: 6, period: 30 };
        assert_eq!(totp.code("not base32!", 59, 0), None);
        assert_eq!(totp.code(SECRET, 59, -9), None);
        assert_eq!(Totp { digits: 6, period: 0 }.code(SECRET, 59, 0), None);
        assert_eq!(Totp { digits: 99, period: 30 }.code(SECRET, 59, 0), None);
    }

    #[test]
    fn decodes_base32_of_every_length() {
        assert_eq!(base32("MZXW6YTBOI======").as_deref(), Some(b"foobar".as_slice()));
        assert_eq!(base32("MZXW6YQ").as_deref(), Some(b"foob".as_slice()));
        assert_eq!(base32("MY").as_deref(), Some(b"f".as_slice()));
    }
}
