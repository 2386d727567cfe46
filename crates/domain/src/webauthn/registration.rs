//! A new credential.

use ciborium::Value;

use super::authenticator_data::{AuthenticatorData, Backup};
use super::cbor;
use super::client_data::Ceremony;
use super::error::CeremonyError;
use super::public_key::{CoseAlgorithm, PublicKey};
use super::relying_party::Expected;
use super::response::RegistrationResponse;

/// A credential that an authenticator has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// The id. Whoever stores it checks that nobody has it yet.
    pub id: Vec<u8>,
    /// The public key, a COSE key in CBOR, as the authenticator wrote it.
    pub public_key: Vec<u8>,
    /// The counter.
    pub sign_count: u32,
    /// The model of the authenticator; zeros if it does not tell.
    pub aaguid: [u8; 16],
    /// Whether the authenticator verified the user.
    pub user_verified: bool,
    /// Whether the credential can leave its device.
    pub backup: Backup,
    /// How browsers reach the authenticator.
    pub transports: Vec<String>,
    /// Whether the authenticator finds the credential by itself. `None`: the browser does not tell.
    pub discoverable: Option<bool>,
}

/// Checks the answer of a browser to the options for a new credential (WebAuthn, section 7.1).
///
/// # Errors
/// [`CeremonyError`] names the first check that failed.
pub fn verify(
    response: &RegistrationResponse,
    expected: &Expected<'_>,
) -> Result<NewCredential, CeremonyError> {
    response.client_data.check(Ceremony::Create, expected)?;
    let authenticator_data = attested(&response.attestation_object)?;
    let read = AuthenticatorData::read(&authenticator_data)?;
    read.check(expected)?;
    let credential = read.credential.ok_or(CeremonyError::NoCredential)?;
    if credential.id != response.id {
        return Err(CeremonyError::CredentialId);
    }
    let key = PublicKey::read(credential.public_key)?;
    if !CoseAlgorithm::OFFERED.contains(&key.algorithm()) {
        return Err(CeremonyError::Algorithm);
    }
    Ok(NewCredential {
        id: credential.id.to_vec(),
        public_key: credential.public_key.to_vec(),
        sign_count: read.sign_count,
        aaguid: credential.aaguid,
        user_verified: read.user_verified(),
        backup: read.backup(),
        transports: response.transports.clone(),
        discoverable: response.discoverable,
    })
}

/// The authenticator data of an attestation object. Statements of other formats than `none` are not
/// checked, because nothing would follow from them; browsers remove those that nobody asked for.
fn attested(object: &[u8]) -> Result<Vec<u8>, CeremonyError> {
    let object = cbor::only(object)?;
    let format = cbor::by_text(&object, "fmt").and_then(Value::as_text);
    let statement = cbor::by_text(&object, "attStmt");
    let data = cbor::by_text(&object, "authData").and_then(Value::as_bytes);
    let (Some(format), Some(statement), Some(data)) = (format, statement, data) else {
        return Err(CeremonyError::Attestation);
    };
    let is_empty = statement.as_map().is_some_and(Vec::is_empty);
    if format == "none" && !is_empty {
        return Err(CeremonyError::Attestation);
    }
    Ok(data.clone())
}

/// The authenticator data of an attestation object that was checked when it was stored.
pub(super) fn stored(object: &[u8]) -> Result<Vec<u8>, CeremonyError> {
    let object = cbor::only(object)?;
    let data = cbor::by_text(&object, "authData").and_then(Value::as_bytes);
    data.cloned().ok_or(CeremonyError::Attestation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding;
    use crate::webauthn::testing::{
        Quirk, REFUSED_IN_BOTH, SoftwareAuthenticator, SoftwareCeremony as Asked,
    };
    use crate::webauthn::{RelyingParty, UserVerification};

    fn party() -> RelyingParty {
        RelyingParty {
            id: "example.com".to_owned(),
            name: "Example".to_owned(),
            origins: vec!["https://example.com".to_owned()],
            top_origins: Vec::new(),
        }
    }

    fn made(algorithm: CoseAlgorithm, quirks: &[Quirk]) -> Result<NewCredential, CeremonyError> {
        let asked = Asked::at("https://example.com", "example.com", "Y2hhbGxlbmdl");
        let mut authenticator = SoftwareAuthenticator::new(algorithm).quirks(quirks);
        let credential = authenticator.register(&asked, b"1");
        let party = party();
        let user_verification = UserVerification::Required;
        let expected = Expected { party: &party, challenge: "Y2hhbGxlbmdl", user_verification };
        let response = RegistrationResponse::read(&credential)?;
        let new = verify(&response, &expected)?;
        assert_eq!(encoding::base64url(&new.id), credential["id"]);
        Ok(new)
    }

    #[test]
    fn a_credential_of_each_offered_algorithm_is_taken() {
        for algorithm in CoseAlgorithm::ALL {
            let taken = made(algorithm, &[]);
            if CoseAlgorithm::OFFERED.contains(&algorithm) {
                let taken = taken.unwrap();
                assert!(taken.user_verified && taken.backup.eligible && taken.backup.state);
                assert_eq!(taken.sign_count, 0);
                assert!(PublicKey::read(&taken.public_key).is_ok());
            } else {
                assert_eq!(taken, Err(CeremonyError::Algorithm));
            }
        }
    }

    #[test]
    fn each_check_refuses() {
        let own = [
            (Quirk::Type("webauthn.get"), CeremonyError::Ceremony),
            (Quirk::NoCredential, CeremonyError::NoCredential),
            (Quirk::OtherId, CeremonyError::CredentialId),
            (Quirk::Statement("none"), CeremonyError::Attestation),
        ];
        for (quirk, error) in own.into_iter().chain(REFUSED_IN_BOTH) {
            assert_eq!(made(CoseAlgorithm::EdDsa, &[quirk]), Err(error), "{quirk:?}");
        }
    }

    #[test]
    fn other_attestations_and_extensions_are_ignored() {
        for quirk in [Quirk::Statement("packed"), Quirk::Statement("tpm"), Quirk::Extensions] {
            assert!(made(CoseAlgorithm::Es256, &[quirk]).is_ok(), "{quirk:?}");
        }
    }

    #[test]
    fn an_attestation_object_has_its_three_members() {
        for hex in ["a0", "80", "a163666d74646e6f6e65", "f6"] {
            let object = encoding::from_hex(hex).unwrap();
            assert_eq!(attested(&object), Err(CeremonyError::Attestation), "{hex}");
        }
        assert_eq!(attested(b"\xa0\xa0"), Err(CeremonyError::Cbor));
    }
}
