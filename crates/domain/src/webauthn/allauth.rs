//! The rows of type `webauthn` in `mfa_authenticator` (allauth.mfa). Their column `data` is a name
//! and all that the browser said when the credential was made. allauth keeps no counter.

use serde_json::{Map, Value, json};

use super::authenticator_data::{AuthenticatorData, Backup};
use super::error::CeremonyError;
use super::{registration, response};
use crate::encoding;

/// The value of the column `type`.
pub const TYPE: &str = "webauthn";

const NAME: &str = "name";
const CREDENTIAL: &str = "credential";
/// What a credential holds of texts, and what its response.
const MEMBERS: [&str; 4] = ["id", "rawId", "type", "authenticatorAttachment"];
const RESPONSE: [&str; 4] =
    ["clientDataJSON", "attestationObject", "authenticatorData", "publicKey"];

/// A credential in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllauthCredential {
    /// The name that the user gave it.
    pub name: String,
    /// The id.
    pub id: Vec<u8>,
    /// The public key, a COSE key in CBOR.
    pub public_key: Vec<u8>,
    /// The SHA-256 of the domain that it is bound to.
    pub rp_id_hash: [u8; 32],
    /// The counter when it was made. Later ones are not in the row.
    pub sign_count: u32,
    /// The model of the authenticator; zeros if it does not tell.
    pub aaguid: [u8; 16],
    /// Whether the authenticator verified the user when it was made.
    pub user_verified: bool,
    /// Whether it can leave its device, as of when it was made.
    pub backup: Backup,
    /// How browsers reach the authenticator.
    pub transports: Vec<String>,
    /// Whether the authenticator finds it by itself. `None`: that was not told.
    pub discoverable: Option<bool>,
}

/// Reads the column `data`. What allauth checked when the credential was made is not checked again.
///
/// # Errors
/// [`CeremonyError`] names what cannot be read.
pub fn read(data: &Value) -> Result<AllauthCredential, CeremonyError> {
    let credential = data.get(CREDENTIAL).ok_or(CeremonyError::Member(CREDENTIAL))?;
    let response = credential.get("response").ok_or(CeremonyError::Member("response"))?;
    let object = response.get("attestationObject").and_then(Value::as_str);
    let object = object.and_then(encoding::from_base64url);
    let object = object.ok_or(CeremonyError::Member("attestationObject"))?;
    let authenticator_data = registration::stored(&object)?;
    let read = AuthenticatorData::read(&authenticator_data)?;
    let attested = read.credential.ok_or(CeremonyError::NoCredential)?;
    Ok(AllauthCredential {
        name: data.get(NAME).and_then(Value::as_str).unwrap_or_default().to_owned(),
        id: attested.id.to_vec(),
        public_key: attested.public_key.to_vec(),
        rp_id_hash: read.rp_id_hash,
        sign_count: read.sign_count,
        aaguid: attested.aaguid,
        user_verified: read.user_verified(),
        backup: read.backup(),
        transports: response::transports(response),
        discoverable: response::discoverable(credential),
    })
}

/// The column `data` of a new row, with what the browser said: of its members those that WebAuthn
/// defines, for clients can add what no column holds.
#[must_use]
pub fn data(name: &str, credential: &Value) -> Value {
    let said = credential.get("response").unwrap_or(&Value::Null);
    let mut response = texts(said, &RESPONSE);
    if let Some(algorithm) = said.get("publicKeyAlgorithm").filter(|number| number.is_i64()) {
        response.insert("publicKeyAlgorithm".to_owned(), algorithm.clone());
    }
    response.insert("transports".to_owned(), response::transports(said).into());
    let found = response::discoverable(credential).map(|rk| json!({"credProps": {"rk": rk}}));
    let mut kept = texts(credential, &MEMBERS);
    kept.insert("response".to_owned(), response.into());
    kept.insert("clientExtensionResults".to_owned(), found.unwrap_or_else(|| json!({})));
    json!({ NAME: name, CREDENTIAL: kept })
}

/// Those of some members that are names or base64url.
fn texts(object: &Value, members: &[&str]) -> Map<String, Value> {
    let is_plain = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
    };
    let kept = members.iter().filter_map(|&member| {
        let text = object.get(member)?.as_str().filter(|text| is_plain(text))?;
        Some((member.to_owned(), Value::from(text)))
    });
    kept.collect()
}

/// The column `data` with another name.
#[must_use]
pub fn renamed(data: &Value, name: &str) -> Value {
    let mut data = data.clone();
    if let Some(columns) = data.as_object_mut() {
        columns.insert(NAME.to_owned(), Value::from(name));
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webauthn::testing::{SoftwareAuthenticator, SoftwareCeremony};
    use crate::webauthn::{CoseAlgorithm, PublicKey};

    #[test]
    fn rows_of_every_algorithm_are_read() {
        for algorithm in CoseAlgorithm::ALL {
            let mut authenticator = SoftwareAuthenticator::new(algorithm);
            let asked = SoftwareCeremony::at("https://example.com", "example.com", "Y2g");
            let said = authenticator.register(&asked, b"1");
            let row = data("Laptop", &said);
            let read = read(&row).unwrap();
            assert_eq!((read.name.as_str(), read.discoverable), ("Laptop", Some(true)));
            assert_eq!(encoding::base64url(&read.id), said["id"]);
            assert_eq!(PublicKey::read(&read.public_key).unwrap().algorithm(), algorithm);
            assert_eq!(super::read(&renamed(&row, "Phone")).unwrap().name, "Phone");
        }
    }

    #[test]
    fn a_row_holds_nothing_that_no_browser_sends() {
        let mut authenticator = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        let asked = SoftwareCeremony::at("https://example.com", "example.com", "Y2g");
        let said = authenticator.register(&asked, b"1");
        let mut more = said.clone();
        // No column of PostgreSQL holds the first, none of MariaDB the second.
        more["made up"] = json!("\0");
        more["authenticatorAttachment"] = json!("\0");
        more["clientExtensionResults"]["deep"] = json!([[[[[[[[]]]]]]]]);
        more["response"]["transports"] = json!(["usb", "\0"]);
        more["response"]["publicKeyAlgorithm"] = json!({"\0": 1});
        let row = data("Laptop", &more);
        assert!(!row.to_string().contains("u0000"), "{row}");
        let kept = &row["credential"];
        assert_eq!(kept["clientExtensionResults"], json!({"credProps": {"rk": true}}));
        assert_eq!(kept["response"]["transports"], json!(["usb"]));
        for member in ["id", "rawId", "type"] {
            assert_eq!(kept[member], said[member]);
        }
        for member in ["clientDataJSON", "attestationObject"] {
            assert_eq!(kept["response"][member], said["response"][member]);
        }
        let mut padded = said;
        padded["rawId"] = json!("AQI=");
        assert_eq!(data("", &padded)["credential"]["rawId"], "AQI=");
    }

    #[test]
    fn only_the_attestation_object_must_be_there() {
        let mut authenticator = SoftwareAuthenticator::new(CoseAlgorithm::EdDsa);
        let asked = SoftwareCeremony::at("https://example.com", "example.com", "Y2g");
        let said = authenticator.register(&asked, b"1");
        let object = &said["response"]["attestationObject"];
        let least = json!({"credential": {"response": {"attestationObject": object}}});
        let read = read(&least).unwrap();
        assert_eq!((read.name.as_str(), read.discoverable), ("", None));
        assert_eq!(encoding::base64url(&read.id), said["id"]);
    }

    #[test]
    fn rows_that_cannot_be_read_are_refused() {
        for data in [
            json!(null),
            json!({}),
            json!({"credential": null}),
            json!({"credential": {"response": {}}}),
            json!({"credential": {"response": {"attestationObject": "?"}}}),
            json!({"credential": {"response": {"attestationObject": "oA"}}}),
        ] {
            assert!(read(&data).is_err(), "{data}");
        }
    }
}
