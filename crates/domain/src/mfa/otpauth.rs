//! What an authenticator app scans: the Key URI Format, written as pyotp writes it.

use std::fmt::Write as _;

use super::totp::{TotpSecret, TotpShape};

/// The URI of a secret. `account` names it in the app: the user's e-mail address, or the user
/// name where there is none. An empty `issuer` is left out, and so are 6 digits and 30 seconds,
/// which every app assumes. The URI holds the secret.
#[must_use]
pub fn uri(secret: &TotpSecret, account: &str, issuer: &str, shape: TotpShape) -> String {
    let mut out = String::from("otpauth://totp/");
    if !issuer.is_empty() {
        escape(&mut out, issuer, "/");
        out.push(':');
    }
    escape(&mut out, account, "/");
    out.push_str("?secret=");
    escape(&mut out, secret.base32(), "");
    if !issuer.is_empty() {
        out.push_str("&issuer=");
        escape(&mut out, issuer, "");
    }
    let usual = TotpShape::default();
    if shape.digits() != usual.digits() {
        // Writing to a String cannot fail.
        let _ = write!(out, "&digits={}", shape.digits());
    }
    if shape.period() != usual.period() {
        let _ = write!(out, "&period={}", shape.period());
    }
    out
}

/// Percent-encodes everything but RFC 3986's unreserved characters and those in `safe`.
fn escape(out: &mut String, text: &str, safe: &str) {
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if is_plain || safe.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_can_add_a_parameter() {
        let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQ").unwrap();
        let uri = uri(&secret, "a?secret=x&b#c/d%", "i&j/k", TotpShape::default());
        let wanted = "otpauth://totp/i%26j/k:a%3Fsecret%3Dx%26b%23c/d%25\
                      ?secret=GEZDGNBVGY3TQOJQ&issuer=i%26j%2Fk";
        assert_eq!(uri, wanted);
    }
}
