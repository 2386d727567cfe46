//! What holds of all ceremonies: a model says of each which check refuses it, whatever its parts are.

use std::sync::LazyLock;

use ciborium::Value as Cbor;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::testing::{SigningKey, SoftwareAuthenticator, SoftwareCeremony as Asked};
use super::{
    AuthenticationResponse, CeremonyError, CoseAlgorithm, Expected, PublicKey,
    RegistrationResponse, RelyingParty, StoredCredential, UserVerification, allauth,
    authentication, registration,
};
use crate::encoding::{base64url, from_base64url};

const ORIGIN: &str = "https://example.com";
const CHALLENGE: &str = "Y2hhbGxlbmdl";

/// One key of each algorithm: those of RSA take long to make.
static KEYS: LazyLock<Vec<SigningKey>> =
    LazyLock::new(|| CoseAlgorithm::ALL.map(SigningKey::generate).into());

/// A device of each algorithm, with what it says at a login.
static LOGINS: LazyLock<Vec<(StoredCredential, Value)>> = LazyLock::new(|| {
    let login = |algorithm| {
        let mut device = SoftwareAuthenticator::new(algorithm);
        let asked = Asked::at(ORIGIN, "example.com", CHALLENGE);
        device.register(&asked, b"1");
        let public_key = device.key().cose();
        let stored = StoredCredential { public_key, sign_count: 0, backup_eligible: Some(true) };
        (stored, device.log_in(&asked))
    };
    CoseAlgorithm::ALL.map(login).into()
});

fn party() -> RelyingParty {
    RelyingParty {
        id: "example.com".to_owned(),
        name: String::new(),
        origins: vec![ORIGIN.to_owned()],
        top_origins: Vec::new(),
    }
}

fn register(said: &Value, user_verification: UserVerification) -> Result<Vec<u8>, CeremonyError> {
    let party = party();
    let expected = Expected { party: &party, challenge: CHALLENGE, user_verification };
    let response = RegistrationResponse::read(said)?;
    registration::verify(&response, &expected).map(|made| made.public_key)
}

fn log_in(said: &Value, stored: &StoredCredential) -> Result<(), CeremonyError> {
    let party = party();
    let user_verification = UserVerification::Required;
    let expected = Expected { party: &party, challenge: CHALLENGE, user_verification };
    let response = AuthenticationResponse::read(said)?;
    authentication::verify(&response, stored, &expected).map(drop)
}

/// What a browser says that makes a credential, with any attestation object.
fn made(id: &[u8], object: &[u8]) -> Value {
    let client_data = json!({"type": "webauthn.create", "challenge": CHALLENGE, "origin": ORIGIN});
    json!({
        "id": base64url(id), "rawId": base64url(id), "type": "public-key",
        "response": {
            "clientDataJSON": base64url(client_data.to_string()),
            "attestationObject": base64url(object),
        },
    })
}

fn written(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// The authenticator data of a registration, in parts that need not fit together.
#[derive(Clone, Debug)]
struct DataParts {
    is_of_party: bool,
    flags: u8,
    count: u32,
    id: Vec<u8>,
    said_id: Option<Vec<u8>>,
    key: usize,
    has_credential: bool,
    has_extensions: bool,
    trailing: Vec<u8>,
    user_verification: UserVerification,
}

impl DataParts {
    fn any() -> impl Strategy<Value = Self> {
        let mostly = |likely: f64| prop::bool::weighted(likely);
        let flags = prop_oneof![Just(0x45_u8), Just(0x5d_u8), any::<u8>()];
        let id = prop_oneof![4 => vec(any::<u8>(), 1..64), 1 => vec(any::<u8>(), 0..1100)];
        let wanted = [
            UserVerification::Required,
            UserVerification::Preferred,
            UserVerification::Discouraged,
        ];
        let first = (mostly(0.9), flags, any::<u32>(), id, 0..CoseAlgorithm::ALL.len());
        // No map, which would be one of extensions.
        let trailing = prop_oneof![6 => Just(Vec::new()), 1 => vec(0_u8..0x80, 1..4)];
        let said = prop::option::weighted(0.1, vec(any::<u8>(), 1..40));
        (first, said, mostly(0.9), mostly(0.2), trailing, select(wanted.to_vec())).prop_map(
            |(
                (is_of_party, flags, count, id, key),
                said_id,
                has_credential,
                has_extensions,
                trailing,
                user_verification,
            )| Self {
                is_of_party,
                flags,
                count,
                id,
                said_id,
                key,
                has_credential,
                has_extensions,
                trailing,
                user_verification,
            },
        )
    }

    /// What the browser says.
    fn said(&self) -> Value {
        let party = if self.is_of_party { "example.com" } else { "example.org" };
        let mut data = Sha256::digest(party).to_vec();
        data.push(self.flags);
        data.extend(self.count.to_be_bytes());
        if self.has_credential {
            data.extend([0; 16]);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(&self.id);
            data.extend(KEYS[self.key].cose());
        }
        if self.has_extensions {
            data.extend(written(&Cbor::Map(vec![("credProtect".into(), 2.into())])));
        }
        data.extend(&self.trailing);
        let object = Cbor::Map(vec![
            ("fmt".into(), "none".into()),
            ("attStmt".into(), Cbor::Map(Vec::new())),
            ("authData".into(), Cbor::Bytes(data)),
        ]);
        made(self.said_id.as_deref().unwrap_or(&self.id), &written(&object))
    }

    /// Whether everything is as WebAuthn wants it, by the words of its section 7.1.
    fn is_valid(&self) -> bool {
        let has = |flag: u8| self.flags & flag != 0;
        let fits = has(0x40) == self.has_credential && has(0x80) == self.has_extensions;
        let is_verified = has(0x04) || self.user_verification != UserVerification::Required;
        let backup_fits = has(0x08) || !has(0x10);
        let id_fits = (1..=1023).contains(&self.id.len())
            && self.said_id.as_ref().is_none_or(|said| *said == self.id);
        let is_offered = CoseAlgorithm::OFFERED.contains(&CoseAlgorithm::ALL[self.key]);
        let is_whole = self.trailing.is_empty() && self.has_credential && fits;
        self.is_of_party
            && has(0x01)
            && is_verified
            && backup_fits
            && id_fits
            && is_offered
            && is_whole
    }
}

/// CBOR of any kind, often a map of a key.
fn cbor() -> impl Strategy<Value = Cbor> {
    let number = prop_oneof![-8_i64..8, select(vec![-257, -47, -37, -36, -35]), any::<i64>()];
    let leaf = prop_oneof![
        3 => number.clone().prop_map(Cbor::from),
        3 => select(vec![0_usize, 1, 31, 32, 48, 66, 256])
            .prop_flat_map(|length| vec(any::<u8>(), length)).prop_map(Cbor::Bytes),
        1 => "[a-zA-Z]{0,10}".prop_map(Cbor::Text),
        1 => any::<bool>().prop_map(Cbor::Bool),
        1 => Just(Cbor::Null),
        1 => any::<f64>().prop_map(Cbor::Float),
    ];
    leaf.prop_recursive(4, 32, 8, move |inner| {
        let key = prop_oneof![4 => number.clone().prop_map(Cbor::from), 1 => inner.clone()];
        prop_oneof![
            3 => vec((key, inner.clone()), 0..6).prop_map(Cbor::Map),
            1 => vec(inner.clone(), 0..4).prop_map(Cbor::Array),
            1 => (any::<u64>(), inner).prop_map(|(tag, value)| Cbor::Tag(tag, Box::new(value))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_registration_is_taken_if_every_part_is_right(parts in DataParts::any()) {
        let taken = register(&parts.said(), parts.user_verification);
        prop_assert_eq!(taken.is_ok(), parts.is_valid(), "{:?}: {:?}", parts, taken);
    }

    #[test]
    fn a_login_with_a_changed_byte_is_refused(
        login in 0..CoseAlgorithm::ALL.len(),
        member in select(vec!["clientDataJSON", "authenticatorData", "signature"]),
        place in any::<Index>(),
        change in 1_u8..,
    ) {
        let (stored, said) = &LOGINS[login];
        prop_assert_eq!(log_in(said, stored), Ok(()));
        let mut changed = said.clone();
        let text = &mut changed["response"][member];
        let mut bytes = from_base64url(text.as_str().unwrap()).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= change;
        *text = json!(base64url(bytes));
        prop_assert!(log_in(&changed, stored).is_err(), "{} {}", member, place);
    }

    #[test]
    fn bytes_of_any_kind_end_no_reader(
        bytes in vec(any::<u8>(), 0..300),
        member in select(vec!["clientDataJSON", "authenticatorData", "signature"]),
    ) {
        prop_assert!(PublicKey::read(&bytes).is_err());
        prop_assert!(register(&made(b"id", &bytes), UserVerification::Preferred).is_err());
        prop_assert!(allauth::read(&allauth::data("", &made(b"id", &bytes))).is_err());
        let (stored, said) = &LOGINS[0];
        let mut changed = said.clone();
        changed["response"][member] = json!(base64url(&bytes));
        prop_assert!(log_in(&changed, stored).is_err());
    }

    #[test]
    fn cbor_of_any_kind_is_refused_or_a_key_of_its_algorithm(value in cbor()) {
        let bytes = written(&value);
        let _ = register(&made(b"id", &bytes), UserVerification::Preferred);
        let _ = allauth::read(&allauth::data("", &made(b"id", &bytes)));
        if let Ok(key) = PublicKey::read(&bytes) {
            prop_assert!(CoseAlgorithm::ALL.contains(&key.algorithm()));
            prop_assert!(!key.verifies(b"message", &[0; 64]));
        }
    }

    #[test]
    fn json_of_any_kind_ends_no_reader(text in "[{\\[\\]}\":,a-z0-9_-]{0,200}") {
        let said = serde_json::from_str(&text).unwrap_or(Value::String(text));
        prop_assert!(RegistrationResponse::read(&said).is_err());
        prop_assert!(AuthenticationResponse::read(&said).is_err());
        prop_assert!(allauth::read(&said).is_err());
    }
}
