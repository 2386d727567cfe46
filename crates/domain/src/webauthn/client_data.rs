//! What the browser says about a ceremony: the page, its origin and the challenge.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::error::CeremonyError;
use super::relying_party::Expected;
use crate::signing;

/// The two ceremonies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    /// A credential is made.
    Create,
    /// A credential is used.
    Get,
}

impl Ceremony {
    /// The member `type`.
    fn name(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// The client data. It has no more than is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientData {
    json: Json,
    hash: [u8; 32],
}

/// Members that are not known are ignored: browsers add some at random, so that nobody compares the
/// text with a template. One that is known must not come twice.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Json {
    r#type: String,
    challenge: String,
    origin: String,
    cross_origin: Option<bool>,
    top_origin: Option<String>,
}

impl ClientData {
    /// Reads the JSON.
    ///
    /// # Errors
    /// [`CeremonyError::ClientData`].
    pub fn read(bytes: &[u8]) -> Result<Self, CeremonyError> {
        // Decoders of UTF-8 take the mark off; the hash is of what was signed.
        let json = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let json = serde_json::from_slice(json).map_err(|_| CeremonyError::ClientData)?;
        Ok(Self { json, hash: Sha256::digest(bytes).into() })
    }

    /// The challenge that it answers, in base64url. It is as good as what the client sent, until
    /// `check` has compared it.
    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.json.challenge
    }

    /// What the authenticator signs of it.
    pub(super) fn hash(&self) -> &[u8] {
        &self.hash
    }

    /// Checks ceremony, challenge and origins.
    ///
    /// # Errors
    /// [`CeremonyError`] names what is not as expected.
    pub(super) fn check(
        &self,
        ceremony: Ceremony,
        expected: &Expected<'_>,
    ) -> Result<(), CeremonyError> {
        let Json { r#type, challenge, origin, cross_origin, top_origin } = &self.json;
        if r#type != ceremony.name() {
            return Err(CeremonyError::Ceremony);
        }
        if !signing::same(challenge, expected.challenge) {
            return Err(CeremonyError::Challenge);
        }
        if !expected.party.origins.contains(origin) {
            return Err(CeremonyError::Origin);
        }
        let frames = &expected.party.top_origins;
        let is_allowed = match (cross_origin.unwrap_or(false), top_origin) {
            (false, None) => true,
            // Older browsers do not name the outer page.
            (true, None) => !frames.is_empty(),
            (true, Some(top)) => frames.contains(top),
            (false, Some(_)) => false,
        };
        if is_allowed { Ok(()) } else { Err(CeremonyError::CrossOrigin) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::webauthn::{RelyingParty, UserVerification};

    const ORIGIN: &str = "https://app.example.com";

    fn check(members: &Value, top_origins: &[&str]) -> Result<(), CeremonyError> {
        let party = RelyingParty {
            id: "example.com".to_owned(),
            name: String::new(),
            origins: vec!["https://example.com".to_owned(), ORIGIN.to_owned()],
            top_origins: top_origins.iter().map(|&origin| origin.to_owned()).collect(),
        };
        let user_verification = UserVerification::Required;
        let expected = Expected { party: &party, challenge: "Y2g", user_verification };
        let mut all = json!({"type": "webauthn.get", "challenge": "Y2g", "origin": ORIGIN});
        for (name, value) in members.as_object().unwrap() {
            all[name] = value.clone();
        }
        ClientData::read(all.to_string().as_bytes())?.check(Ceremony::Get, &expected)
    }

    #[test]
    fn members_that_are_not_known_are_ignored() {
        for members in [
            json!({}),
            json!({"crossOrigin": false}),
            json!({"crossOrigin": null, "topOrigin": null}),
            json!({"tokenBinding": {"status": "supported"}, "other_keys": [1]}),
        ] {
            assert_eq!(check(&members, &[]), Ok(()), "{members}");
        }
    }

    #[test]
    fn ceremony_challenge_and_origin_are_compared_exactly() {
        for (members, error) in [
            (json!({"type": "webauthn.create"}), CeremonyError::Ceremony),
            (json!({"type": "Webauthn.get"}), CeremonyError::Ceremony),
            (json!({"type": "payment.get"}), CeremonyError::Ceremony),
            (json!({"challenge": "Y2h"}), CeremonyError::Challenge),
            (json!({"challenge": "Y2g="}), CeremonyError::Challenge),
            (json!({"challenge": ""}), CeremonyError::Challenge),
            (json!({"origin": "https://APP.example.com"}), CeremonyError::Origin),
            (json!({"origin": "https://app.example.com/"}), CeremonyError::Origin),
            (json!({"origin": "https://app.example.com:444"}), CeremonyError::Origin),
            (json!({"origin": "http://app.example.com"}), CeremonyError::Origin),
            (json!({"origin": "https://evil.example.com"}), CeremonyError::Origin),
            (json!({"origin": "https://example.com.evil.test"}), CeremonyError::Origin),
            (json!({"origin": "null"}), CeremonyError::Origin),
        ] {
            assert_eq!(check(&members, &[]), Err(error), "{members}");
        }
    }

    #[test]
    fn frames_are_refused_unless_their_pages_are_listed() {
        let (top, other) = ("https://shop.test", "https://other.test");
        let refused = Err(CeremonyError::CrossOrigin);
        let framed = json!({"crossOrigin": true});
        let by = |page| json!({"crossOrigin": true, "topOrigin": page});
        assert_eq!(check(&framed, &[]), refused);
        assert_eq!(check(&by(top), &[]), refused);
        assert_eq!(check(&framed, &[top]), Ok(()));
        assert_eq!(check(&by(top), &[top]), Ok(()));
        assert_eq!(check(&by(other), &[top]), refused);
        // Only a page in a frame has one around it.
        assert_eq!(check(&json!({"topOrigin": top}), &[top]), refused);
    }

    #[test]
    fn what_is_not_the_object_it_must_be_cannot_be_read() {
        let valid = r#"{"type":"webauthn.get","challenge":"Y2g","origin":"o"}"#;
        assert!(ClientData::read(valid.as_bytes()).is_ok());
        let marked = format!("\u{feff}{valid}");
        let marked = ClientData::read(marked.as_bytes()).unwrap();
        assert_eq!(marked.challenge(), "Y2g");
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"type":"webauthn.get","challenge":"Y2g"}"#,
            r#"{"type":"webauthn.get","challenge":"Y2g","origin":["o"]}"#,
            r#"{"type":"webauthn.get","challenge":"Y2g","origin":"o","origin":"o"}"#,
            r#"{"type":"webauthn.get","challenge":"Y2g","origin":"o","crossOrigin":"true"}"#,
            r#"{"type":"webauthn.get","challenge":"Y2g","origin":"o"}x"#,
        ] {
            assert_eq!(ClientData::read(text.as_bytes()), Err(CeremonyError::ClientData), "{text}");
        }
        let not_utf8 = [valid.as_bytes(), b"\xff"].concat();
        assert_eq!(ClientData::read(&not_utf8), Err(CeremonyError::ClientData));
        let deep = format!(r#"{{"type":{}1{}}}"#, "[".repeat(9_999), "]".repeat(9_999));
        assert_eq!(ClientData::read(deep.as_bytes()), Err(CeremonyError::ClientData));
    }
}
