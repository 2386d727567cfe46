//! JSON Web Tokens (RFC 7519) as far as a recording looks into them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Sha256, Sha384, Sha512};

/// The parts of a signed token.
#[derive(Debug)]
pub(crate) struct Jwt<'a> {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    signature: Vec<u8>,
    signed: &'a str,
}

impl<'a> Jwt<'a> {
    /// Takes a token apart; `None` if it is not one.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Value = serde_json::from_slice(&decoded(header)?).ok()?;
        header.get("alg")?;
        let claims = serde_json::from_slice(&decoded(claims)?).ok()?;
        Some(Self { header, claims, signature: decoded(signature)?, signed })
    }

    /// Whether the signature is good for this key. `None` if the algorithm is not one of
    /// HS256, HS384 and HS512.
    pub(crate) fn verifies_with(&self, key: &str) -> Option<bool> {
        match self.header.get("alg")?.as_str()? {
            "HS256" => Some(self.check(Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?)),
            "HS384" => Some(self.check(Hmac::<Sha384>::new_from_slice(key.as_bytes()).ok()?)),
            "HS512" => Some(self.check(Hmac::<Sha512>::new_from_slice(key.as_bytes()).ok()?)),
            _ => None,
        }
    }

    fn check(&self, mut mac: impl Mac) -> bool {
        mac.update(self.signed.as_bytes());
        mac.verify_slice(&self.signature).is_ok()
    }
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(part).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.1.
    const EXAMPLE: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn\
        VlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn takes_a_token_apart() {
        let jwt = Jwt::parse(EXAMPLE).unwrap();
        assert_eq!(jwt.header["typ"], "JWT");
        assert_eq!(jwt.claims["exp"], 1_300_819_380);
        assert_eq!(jwt.verifies_with("wrong"), Some(false));
    }

    #[test]
    fn checks_all_hs_signatures() {
        for (alg, signed) in [("HS256", hs256 as fn(&str) -> Vec<u8>), ("HS512", hs512)] {
            let header = BASE64_URL_SAFE_NO_PAD.encode(format!("{{\"alg\":\"{alg}\"}}"));
            let data = format!("{header}.e30");
            let token = format!("{data}.{}", BASE64_URL_SAFE_NO_PAD.encode(signed(&data)));
            assert_eq!(Jwt::parse(&token).unwrap().verifies_with("key"), Some(true), "{alg}");
            assert_eq!(Jwt::parse(&token).unwrap().verifies_with("yek"), Some(false), "{alg}");
        }
        let rs = format!("{}.e30.AAAA", BASE64_URL_SAFE_NO_PAD.encode("{\"alg\":\"RS256\"}"));
        assert_eq!(Jwt::parse(&rs).unwrap().verifies_with("key"), None);
    }

    fn hs256(data: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"key").unwrap();
        mac.update(data.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    fn hs512(data: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha512>::new_from_slice(b"key").unwrap();
        mac.update(data.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    #[test]
    fn other_texts_are_no_tokens() {
        for text in ["", "a.b", "a.b.c.d", "e30.e30.", "..", "W10.e30.AAAA", "garbage"] {
            assert!(Jwt::parse(text).is_none(), "{text}");
        }
    }
}
