//! Ceremonies that the two verifiers of Django projects accept: `py_webauthn` and `python-fido2`.

use std::path::PathBuf;

use rest_auth_domain::encoding::{base64url, from_base64url};
use rest_auth_domain::webauthn::authenticator_data::aaguid_text;
use rest_auth_domain::webauthn::{
    AuthenticationResponse, CeremonyError, Expected, PublicKey, RegistrationResponse, RelyingParty,
    StoredCredential, UserVerification, allauth, authentication, registration,
};
use serde_json::{Value, json};

fn vectors() -> Vec<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/interop");
    let text = std::fs::read_to_string(folder.join("webauthn-vectors.json")).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(vectors) = document["vectors"].take() else { panic!("no vectors") };
    assert_eq!(vectors.len(), 5);
    vectors
}

fn party(vector: &Value) -> RelyingParty {
    RelyingParty {
        id: vector["rp_id"].as_str().unwrap().to_owned(),
        name: String::new(),
        origins: vec![vector["origin"].as_str().unwrap().to_owned()],
        top_origins: Vec::new(),
    }
}

/// What registration and login say, in the words of the vectors.
fn outcome(vector: &Value, user_verification: UserVerification) -> Result<Value, CeremonyError> {
    let party = party(vector);
    let expected = |ceremony: &str| Expected {
        party: &party,
        challenge: vector[ceremony]["challenge"].as_str().unwrap(),
        user_verification,
    };
    let made = RegistrationResponse::read(&vector["register"]["credential"])?;
    let made = registration::verify(&made, &expected("register"))?;
    let stored = StoredCredential {
        public_key: made.public_key.clone(),
        sign_count: made.sign_count,
        backup_eligible: Some(made.backup.eligible),
    };
    let login = AuthenticationResponse::read(&vector["login"]["credential"])?;
    assert_eq!(login.id, made.id);
    assert_eq!(login.user_handle.as_deref(), Some(&b"1"[..]));
    let login = authentication::verify(&login, &stored, &expected("login"))?;
    assert_eq!(login.backup, made.backup);
    Ok(json!({
        "credential_id": base64url(&made.id),
        "public_key_cose": base64url(&made.public_key),
        "register_sign_count": made.sign_count,
        "login_sign_count": login.sign_count,
        "aaguid": aaguid_text(made.aaguid),
        "register_user_verified": made.user_verified,
        "login_user_verified": login.user_verified,
        "backup_eligible": made.backup.eligible,
        "backed_up": made.backup.state,
    }))
}

#[test]
fn ceremonies_that_django_accepts_are_accepted() {
    for vector in vectors() {
        let outcome = outcome(&vector, UserVerification::Preferred);
        assert_eq!(outcome.as_ref(), Ok(&vector["expect"]), "{}", vector["name"]);
    }
}

#[test]
fn ceremonies_without_user_verification_are_refused_where_it_is_required() {
    let mut refused = 0;
    for vector in vectors() {
        let outcome = outcome(&vector, UserVerification::Required);
        if vector["expect"]["login_user_verified"] == true {
            assert!(outcome.is_ok(), "{}", vector["name"]);
        } else {
            refused += 1;
            assert_eq!(outcome, Err(CeremonyError::UserVerification), "{}", vector["name"]);
        }
    }
    assert_eq!(refused, 1);
}

#[test]
fn a_login_of_one_credential_is_none_of_another() {
    let vectors = vectors();
    for (vector, other) in vectors.iter().zip(vectors.iter().cycle().skip(1)) {
        let mut mixed = vector.clone();
        for part in ["clientDataJSON", "authenticatorData", "signature"] {
            mixed["login"]["credential"]["response"][part] =
                other["login"]["credential"]["response"][part].clone();
        }
        mixed["origin"] = other["origin"].clone();
        mixed["register"] = vector["register"].clone();
        assert!(outcome(&mixed, UserVerification::Preferred).is_err(), "{}", vector["name"]);
    }
}

#[test]
fn rows_of_allauth_have_the_same_credentials() {
    for vector in vectors() {
        let data = allauth::data("Laptop", &vector["register"]["credential"]);
        let row = allauth::read(&data).unwrap();
        let expect = &vector["expect"];
        assert_eq!(json!(base64url(&row.id)), expect["credential_id"]);
        assert_eq!(json!(base64url(&row.public_key)), expect["public_key_cose"]);
        assert_eq!(json!(row.sign_count), expect["register_sign_count"]);
        assert_eq!(json!(row.backup.eligible), expect["backup_eligible"]);
        assert_eq!((row.name.as_str(), row.discoverable), ("Laptop", Some(true)));
    }
}

/// Numbers that are the same in every run (Knuth's generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// The same bytes with a bit, a byte, a length or a piece changed.
    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut mutated = bytes.to_vec();
        let place = self.below(bytes.len());
        match self.below(5) {
            0 => mutated[place] ^= 1 << self.below(8),
            1 => mutated[place] = [0, 0x7f, 0x80, 0xff, 0x9f, 0xbf, 0xd8][self.below(7)],
            2 => mutated.truncate(place),
            3 => mutated.insert(place, bytes[self.below(bytes.len())]),
            _ => {
                let piece = bytes[place..].to_vec();
                mutated.extend(piece);
            }
        }
        mutated
    }
}

/// The vector with a member of a response mutated, and whether that changed it.
fn mutated(vector: &Value, ceremony: &str, member: &str, numbers: &mut Numbers) -> (Value, bool) {
    let mut other = vector.clone();
    let text = &mut other[ceremony]["credential"]["response"][member];
    let bytes = from_base64url(text.as_str().unwrap()).unwrap();
    let new = numbers.mutate(&bytes);
    *text = json!(base64url(&new));
    (other, new != bytes)
}

#[test]
fn nothing_that_is_signed_can_be_changed() {
    let (vectors, mut numbers) = (vectors(), Numbers(1));
    let members = ["clientDataJSON", "authenticatorData", "signature"];
    for round in 0..10_000 {
        let (vector, member) = (&vectors[round % vectors.len()], members[round % members.len()]);
        let (other, is_changed) = mutated(vector, "login", member, &mut numbers);
        let outcome = outcome(&other, UserVerification::Preferred);
        assert_eq!(outcome.is_err(), is_changed, "{member} in round {round}: {other}");
    }
}

#[test]
fn whatever_a_registration_says_it_is_refused_or_has_a_key() {
    let (vectors, mut numbers) = (vectors(), Numbers(2));
    let mut refused = 0;
    for round in 0..10_000 {
        let vector = &vectors[round % vectors.len()];
        let (other, _) = mutated(vector, "register", "attestationObject", &mut numbers);
        let said = &other["register"]["credential"];
        // Neither reader may panic; what one takes has a key.
        let read = allauth::read(&allauth::data("", said));
        let party = party(vector);
        let expected = Expected {
            party: &party,
            challenge: vector["register"]["challenge"].as_str().unwrap(),
            user_verification: UserVerification::Preferred,
        };
        let made = RegistrationResponse::read(said);
        match made.and_then(|made| registration::verify(&made, &expected)) {
            Ok(made) => {
                assert!(PublicKey::read(&made.public_key).is_ok());
                assert_eq!(read.unwrap().public_key, made.public_key);
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 7_000, "only {refused} were refused");
}
