//! A login with a credential.

use super::authenticator_data::{AuthenticatorData, Backup};
use super::client_data::Ceremony;
use super::error::CeremonyError;
use super::public_key::PublicKey;
use super::relying_party::Expected;
use super::response::AuthenticationResponse;

/// What is stored about a credential, as far as a login is checked against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCredential {
    /// The public key, a COSE key in CBOR.
    pub public_key: Vec<u8>,
    /// The counter; 0 if the authenticator does not count or it is not known.
    pub sign_count: u32,
    /// Whether it can be backed up. `None`: that is not known yet.
    pub backup_eligible: Option<bool>,
}

/// What the authenticator has proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// The new counter.
    pub sign_count: u32,
    /// Whether it verified the user.
    pub user_verified: bool,
    /// Whether the credential can leave its device.
    pub backup: Backup,
}

/// Checks the answer of a browser to the options for a login (WebAuthn, section 7.2). Whose the
/// credential is, and whether the handle is theirs, is up to the caller.
///
/// # Errors
/// [`CeremonyError`] names the first check that failed. [`CeremonyError::Counter`] is the last one,
/// so that it means a signature of the right key.
pub fn verify(
    response: &AuthenticationResponse,
    stored: &StoredCredential,
    expected: &Expected<'_>,
) -> Result<Assertion, CeremonyError> {
    response.client_data.check(Ceremony::Get, expected)?;
    let read = AuthenticatorData::read(&response.authenticator_data)?;
    read.check(expected)?;
    let backup = read.backup();
    let signed = [&response.authenticator_data[..], response.client_data.hash()].concat();
    if !PublicKey::read(&stored.public_key)?.verifies(&signed, &response.signature) {
        return Err(CeremonyError::Signature);
    }
    if stored.backup_eligible.is_some_and(|eligible| eligible != backup.eligible) {
        return Err(CeremonyError::BackupEligibility);
    }
    let counts = read.sign_count != 0 || stored.sign_count != 0;
    if counts && read.sign_count <= stored.sign_count {
        return Err(CeremonyError::Counter);
    }
    Ok(Assertion { sign_count: read.sign_count, user_verified: read.user_verified(), backup })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding;
    use crate::webauthn::testing::{
        Quirk, REFUSED_IN_BOTH, SoftwareAuthenticator, SoftwareCeremony as Asked,
    };
    use crate::webauthn::{CoseAlgorithm, RelyingParty, UserVerification};

    const CHALLENGE: &str = "Y2hhbGxlbmdl";

    struct Login {
        authenticator: SoftwareAuthenticator,
        stored: StoredCredential,
        user_verification: UserVerification,
    }

    impl Login {
        fn of(algorithm: CoseAlgorithm) -> Self {
            let mut authenticator = SoftwareAuthenticator::new(algorithm);
            authenticator.register(&Self::asked(), b"1");
            let public_key = authenticator.key().cose();
            let stored = StoredCredential { public_key, sign_count: 0, backup_eligible: None };
            Self { authenticator, stored, user_verification: UserVerification::Required }
        }

        fn asked() -> Asked {
            Asked::at("https://example.com", "example.com", CHALLENGE)
        }

        fn response(&mut self) -> AuthenticationResponse {
            AuthenticationResponse::read(&self.authenticator.log_in(&Self::asked())).unwrap()
        }

        fn verify(&self, response: &AuthenticationResponse) -> Result<Assertion, CeremonyError> {
            let party = RelyingParty {
                id: "example.com".to_owned(),
                name: String::new(),
                origins: vec!["https://example.com".to_owned()],
                top_origins: Vec::new(),
            };
            let user_verification = self.user_verification;
            let expected = Expected { party: &party, challenge: CHALLENGE, user_verification };
            verify(response, &self.stored, &expected)
        }

        fn with(&mut self, quirk: Quirk) -> Result<Assertion, CeremonyError> {
            self.authenticator = self.authenticator.clone().quirks(&[quirk]);
            let response = self.response();
            self.authenticator = self.authenticator.clone().quirks(&[]);
            self.verify(&response)
        }
    }

    #[test]
    fn a_credential_of_each_algorithm_logs_in() {
        for algorithm in CoseAlgorithm::ALL {
            let mut login = Login::of(algorithm);
            let response = login.response();
            let assertion = login.verify(&response).unwrap();
            assert!(assertion.user_verified && assertion.backup.eligible, "{algorithm:?}");
            assert_eq!(assertion.sign_count, 1);
            assert_eq!(response.user_handle.as_deref(), Some(&b"1"[..]));
        }
    }

    #[test]
    fn each_check_refuses() {
        let mut login = Login::of(CoseAlgorithm::EdDsa);
        let own = [
            (Quirk::Type("webauthn.create"), CeremonyError::Ceremony),
            (Quirk::OtherKey, CeremonyError::Signature),
        ];
        for (quirk, error) in own.into_iter().chain(REFUSED_IN_BOTH) {
            assert_eq!(login.with(quirk), Err(error), "{quirk:?}");
        }
        assert!(login.with(Quirk::Extensions).is_ok());
        login.user_verification = UserVerification::Preferred;
        assert!(!login.with(Quirk::NotVerified).unwrap().user_verified);
    }

    #[test]
    fn every_byte_that_is_signed_counts() {
        let mut login = Login::of(CoseAlgorithm::Es256);
        login.user_verification = UserVerification::Preferred;
        let right = login.response();
        // Before it are the hash of the relying party, which has an error of its own, and flags.
        for place in 33..right.authenticator_data.len() {
            let mut wrong = right.clone();
            wrong.authenticator_data[place] ^= 1;
            assert_eq!(login.verify(&wrong), Err(CeremonyError::Signature), "{place}");
        }
        for place in 0..right.signature.len() {
            let mut wrong = right.clone();
            wrong.signature[place] ^= 1;
            assert_eq!(login.verify(&wrong), Err(CeremonyError::Signature), "{place}");
        }
        assert!(login.verify(&right).is_ok());
    }

    #[test]
    fn a_credential_stays_eligible_for_backups_or_not() {
        let mut login = Login::of(CoseAlgorithm::EdDsa);
        login.stored.backup_eligible = Some(true);
        let response = login.response();
        assert!(login.verify(&response).is_ok());
        login.stored.backup_eligible = Some(false);
        assert_eq!(login.verify(&response), Err(CeremonyError::BackupEligibility));
    }

    #[test]
    fn counters_grow_unless_neither_counts() {
        let mut login = Login::of(CoseAlgorithm::EdDsa);
        for (stored, shown, is_right) in [
            (0, 0, true),
            (0, 1, true),
            (1, 2, true),
            (1, u32::MAX, true),
            (1, 1, false),
            (2, 1, false),
            (1, 0, false),
            (u32::MAX, u32::MAX, false),
            (u32::MAX, 0, false),
        ] {
            login.stored.sign_count = stored;
            let outcome = login.with(Quirk::Counter(shown));
            let expected = if is_right { Ok(shown) } else { Err(CeremonyError::Counter) };
            assert_eq!(outcome.map(|assertion| assertion.sign_count), expected, "{stored} {shown}");
        }
    }

    #[test]
    fn rows_whose_key_cannot_be_read_log_nobody_in() {
        let mut login = Login::of(CoseAlgorithm::EdDsa);
        let response = login.response();
        for key in [vec![], encoding::from_hex("a0").unwrap(), vec![0xff; 77]] {
            login.stored.public_key = key;
            assert!(login.verify(&response).is_err());
        }
    }
}
