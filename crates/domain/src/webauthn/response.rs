//! The answer of a browser, as its `toJSON` writes it. Members that are not known are ignored.

use serde_json::Value;

use super::authenticator_data::LONGEST_ID;
use super::client_data::ClientData;
use super::error::CeremonyError;
use crate::encoding;

/// How many transports are kept, and how long the name of one is at most.
const MOST_TRANSPORTS: usize = 8;
const LONGEST_TRANSPORT: usize = 32;

/// Bytes of the longest member of a new credential. Authenticators send some kilobytes, certificates
/// of their makers included, and what is kept of them is read at every login.
const LONGEST_MEMBER: usize = 64 * 1024;

/// The answer to the options for a new credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationResponse {
    /// The id of the credential.
    pub id: Vec<u8>,
    /// What the browser says.
    pub client_data: ClientData,
    /// What the authenticator says, in CBOR.
    pub attestation_object: Vec<u8>,
    /// How browsers reach the authenticator: `internal`, `hybrid`, `usb`.
    pub transports: Vec<String>,
    /// Whether the authenticator finds the credential by itself. `None`: the browser does not tell.
    pub discoverable: Option<bool>,
}

/// The answer to the options for a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationResponse {
    /// The id of the credential.
    pub id: Vec<u8>,
    /// What the browser says.
    pub client_data: ClientData,
    /// What the authenticator says.
    pub authenticator_data: Vec<u8>,
    /// The signature over both.
    pub signature: Vec<u8>,
    /// The handle of the user, if the authenticator keeps one.
    pub user_handle: Option<Vec<u8>>,
}

impl RegistrationResponse {
    /// Reads the JSON.
    ///
    /// # Errors
    /// [`CeremonyError`] names what is missing or wrong.
    pub fn read(credential: &Value) -> Result<Self, CeremonyError> {
        let id = id(credential)?;
        let response = response(credential)?;
        Ok(Self {
            id,
            client_data: ClientData::read(&short(response, "clientDataJSON")?)?,
            attestation_object: short(response, "attestationObject")?,
            transports: transports(response),
            discoverable: discoverable(credential),
        })
    }
}

impl AuthenticationResponse {
    /// Reads the JSON.
    ///
    /// # Errors
    /// [`CeremonyError`] names what is missing or wrong.
    pub fn read(credential: &Value) -> Result<Self, CeremonyError> {
        let id = id(credential)?;
        let response = response(credential)?;
        let user_handle = match response.get("userHandle") {
            None | Some(Value::Null) => None,
            Some(_) => Some(bytes(response, "userHandle")?),
        };
        Ok(Self {
            id,
            client_data: ClientData::read(&bytes(response, "clientDataJSON")?)?,
            authenticator_data: bytes(response, "authenticatorData")?,
            signature: bytes(response, "signature")?,
            user_handle: user_handle.filter(|handle| !handle.is_empty()),
        })
    }
}

/// The names in `transports` that can be one. What is stored later goes back to browsers.
pub(super) fn transports(response: &Value) -> Vec<String> {
    let is_name = |name: &&str| {
        (1..=LONGEST_TRANSPORT).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    let names = response.get("transports").and_then(Value::as_array).into_iter().flatten();
    let names = names.filter_map(Value::as_str).filter(is_name).take(MOST_TRANSPORTS);
    names.map(str::to_owned).collect()
}

/// What the extension `credProps` says.
pub(super) fn discoverable(credential: &Value) -> Option<bool> {
    credential.pointer("/clientExtensionResults/credProps/rk")?.as_bool()
}

fn id(credential: &Value) -> Result<Vec<u8>, CeremonyError> {
    if credential.get("type").and_then(Value::as_str) != Some("public-key") {
        return Err(CeremonyError::CredentialType);
    }
    let text = credential.get("id").and_then(Value::as_str);
    let text = text.ok_or(CeremonyError::Member("id"))?;
    let raw = bytes(credential, "rawId")?;
    let is_valid = encoding::base64url(&raw) == text && (1..=LONGEST_ID).contains(&raw.len());
    if is_valid { Ok(raw) } else { Err(CeremonyError::CredentialId) }
}

fn response(credential: &Value) -> Result<&Value, CeremonyError> {
    let response = credential.get("response").filter(|response| response.is_object());
    response.ok_or(CeremonyError::Member("response"))
}

fn short(object: &Value, member: &'static str) -> Result<Vec<u8>, CeremonyError> {
    let bytes = bytes(object, member)?;
    if bytes.len() <= LONGEST_MEMBER { Ok(bytes) } else { Err(CeremonyError::Member(member)) }
}

fn bytes(object: &Value, member: &'static str) -> Result<Vec<u8>, CeremonyError> {
    let text = object.get(member).and_then(Value::as_str);
    text.and_then(encoding::from_base64url).ok_or(CeremonyError::Member(member))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn registration() -> Value {
        let client_data = r#"{"type":"webauthn.create","challenge":"Y2g","origin":"o"}"#;
        json!({
            "id": "AQI", "rawId": "AQI", "type": "public-key", "authenticatorAttachment": 7,
            "response": {
                "clientDataJSON": encoding::base64url(client_data),
                "attestationObject": "oA",
                "transports": ["internal", "hybrid", 1, "", "a b", "x".repeat(33)],
            },
            "clientExtensionResults": {"credProps": {"rk": true}},
        })
    }

    #[test]
    fn the_answer_of_a_browser_is_read() {
        let read = RegistrationResponse::read(&registration()).unwrap();
        assert_eq!((read.id, read.attestation_object), (vec![1, 2], vec![0xa0]));
        assert_eq!(read.transports, ["internal", "hybrid"]);
        assert_eq!(read.discoverable, Some(true));
        assert_eq!(read.client_data.challenge(), "Y2g");
        let mut padded = registration();
        padded["rawId"] = json!("AQI=");
        assert!(RegistrationResponse::read(&padded).is_ok());
    }

    #[test]
    fn members_that_are_missing_or_wrong_are_told() {
        for (pointer, value, error) in [
            ("/type", json!("password"), CeremonyError::CredentialType),
            ("/type", json!(null), CeremonyError::CredentialType),
            ("/id", json!(1), CeremonyError::Member("id")),
            ("/id", json!("AQM"), CeremonyError::CredentialId),
            ("/id", json!("AQI="), CeremonyError::CredentialId),
            ("/rawId", json!("?"), CeremonyError::Member("rawId")),
            ("/rawId", json!("AQ"), CeremonyError::CredentialId),
            ("/response", json!([]), CeremonyError::Member("response")),
            ("/response/clientDataJSON", json!({}), CeremonyError::Member("clientDataJSON")),
            ("/response/clientDataJSON", json!("e30"), CeremonyError::ClientData),
            (
                "/response/attestationObject",
                json!("a+/"),
                CeremonyError::Member("attestationObject"),
            ),
        ] {
            let mut credential = registration();
            *credential.pointer_mut(pointer).unwrap() = value;
            let read = RegistrationResponse::read(&credential);
            assert_eq!(read, Err(error), "{pointer}");
        }
        for value in [json!(null), json!("text"), json!([]), json!({})] {
            assert_eq!(RegistrationResponse::read(&value), Err(CeremonyError::CredentialType));
            assert_eq!(AuthenticationResponse::read(&value), Err(CeremonyError::CredentialType));
        }
    }

    #[test]
    fn ids_have_at_most_1023_bytes() {
        for (length, is_valid) in [(0, false), (1, true), (1023, true), (1024, false)] {
            let mut credential = registration();
            credential["id"] = json!(encoding::base64url(vec![7; length]));
            credential["rawId"] = credential["id"].clone();
            assert_eq!(RegistrationResponse::read(&credential).is_ok(), is_valid, "{length}");
        }
    }

    #[test]
    fn a_new_credential_is_not_kept_at_any_length() {
        for (member, longest) in [("attestationObject", 65_536), ("clientDataJSON", 65_536)] {
            for (length, is_valid) in [(longest, true), (longest + 1, false)] {
                let mut credential = registration();
                let mut bytes = br#"{"type":"","challenge":"","origin":""}"#.to_vec();
                bytes.resize(length, b' ');
                credential["response"][member] = json!(encoding::base64url(bytes));
                let read = RegistrationResponse::read(&credential);
                assert_eq!(read.is_ok(), is_valid, "{member} of {length}");
            }
        }
    }

    #[test]
    fn an_empty_handle_is_none() {
        let mut login = registration();
        let client_data = login["response"]["clientDataJSON"].clone();
        for (handle, expected) in [
            (json!("MQ"), Ok(Some(b"1".to_vec()))),
            (json!(""), Ok(None)),
            (json!(null), Ok(None)),
            (json!(1), Err(CeremonyError::Member("userHandle"))),
        ] {
            login["response"] = json!({
                "clientDataJSON": client_data, "authenticatorData": "", "signature": "",
                "userHandle": handle,
            });
            let read = AuthenticationResponse::read(&login).map(|read| read.user_handle);
            assert_eq!(read, expected);
        }
    }
}
