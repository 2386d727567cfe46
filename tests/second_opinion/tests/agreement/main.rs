//! Our verifier of passkeys says the same as `webauthn-rs-core` of ten thousand ceremonies of which
//! something was changed: what one of them takes, so does the other, save where ours is stricter.
//! The devices are 1Password's `passkey` and our own one of the tests.
//!
//! `webauthn-rs-core` knows neither Ed25519 nor P-521, so that ECDSA with P-256 and RSA are compared.

mod device;

use std::collections::BTreeMap;
use std::time::Duration;

use device::Device;
use rest_auth_domain::encoding::{base64url, from_base64url};
use rest_auth_domain::webauthn::{
    Algorithm, Assertion, AuthenticationResponse, CeremonyError, Expected, NewCredential,
    PublicKey, RegistrationResponse, RelyingParty, StoredCredential, UserVerification,
    authentication, registration,
};
use serde_json::{Value, json};
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{
    AuthenticationState, COSEAlgorithm, Credential, RegistrationState, UserVerificationPolicy,
};

const ORIGIN: &str = "https://app.example.com";
const ROUNDS: usize = 10_000;

/// Numbers that are the same in every run (Knuth's generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    /// The same bytes with a bit, a byte, a length or a piece changed.
    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut mutated = bytes.to_vec();
        let place = self.below(bytes.len());
        match self.below(6) {
            0 | 1 => mutated[place] ^= 1 << self.below(8),
            2 => mutated[place] = [0, 0x7f, 0x80, 0xff, 0x9f, 0xbf, 0xd8][self.below(7)],
            3 => mutated.truncate(place),
            4 => mutated.insert(place, bytes[self.below(bytes.len())]),
            _ => {
                let piece = bytes[place..].to_vec();
                mutated.extend(piece);
            }
        }
        mutated
    }
}

fn theirs() -> WebauthnCore {
    let origins = vec![Url::parse(ORIGIN).expect("an origin")];
    WebauthnCore::new_unsafe_experts_only(
        "Example",
        "example.com",
        origins,
        Duration::from_secs(300),
        Some(false),
        Some(false),
    )
}

fn party() -> RelyingParty {
    RelyingParty {
        id: "example.com".to_owned(),
        name: "Example".to_owned(),
        origins: vec![ORIGIN.to_owned()],
        top_origins: Vec::new(),
    }
}

/// A device with the algorithm of its keys.
struct Maker {
    name: &'static str,
    algorithm: Algorithm,
    make: fn(Algorithm) -> Device,
}

/// Those whose keys both verifiers know.
const MAKERS: [Maker; 3] = [
    Maker { name: "passkey", algorithm: Algorithm::Es256, make: |_| Device::passkey() },
    Maker { name: "ours, ECDSA", algorithm: Algorithm::Es256, make: Device::own },
    Maker { name: "ours, RSA", algorithm: Algorithm::Rs256, make: Device::own },
];

/// A registration that both take.
struct Registration {
    said: Value,
    challenge: String,
    state: RegistrationState,
}

fn registration(maker: &Maker) -> (Device, Registration) {
    let builder = theirs().new_challenge_register_builder(b"1", "ada", "ada").expect("a builder");
    let known = match maker.algorithm {
        Algorithm::Rs256 => COSEAlgorithm::RS256,
        _ => COSEAlgorithm::ES256,
    };
    let builder = builder
        .credential_algorithms(vec![known])
        .user_verification_policy(UserVerificationPolicy::Required);
    let (options, state) = theirs().generate_challenge_register(builder).expect("a challenge");
    let challenge = base64url(options.public_key.challenge.as_slice());
    let options = serde_json::to_value(options.public_key).expect("JSON");
    let mut device = (maker.make)(maker.algorithm);
    let said = device.register(&options);
    (device, Registration { said, challenge, state })
}

impl Registration {
    fn ours(&self, said: &Value) -> Result<NewCredential, CeremonyError> {
        let (party, user_verification) = (party(), UserVerification::Required);
        let expected = Expected { party: &party, challenge: &self.challenge, user_verification };
        registration::verify(&RegistrationResponse::read(said)?, &expected)
    }

    fn theirs(&self, said: &Value) -> Result<Credential, String> {
        let read = serde_json::from_value(said.clone()).map_err(|error| error.to_string())?;
        let done = theirs().register_credential(&read, &self.state, None);
        done.map_err(|error| format!("{error:?}"))
    }
}

/// A login that both take.
struct Login {
    said: Value,
    challenge: String,
    state: AuthenticationState,
    credential: Credential,
    stored: StoredCredential,
}

fn login(maker: &Maker) -> Login {
    let (mut device, registration) = registration(maker);
    let new = registration.ours(&registration.said).expect("a credential");
    let credential = registration.theirs(&registration.said).expect("a credential");
    let policy = Some(UserVerificationPolicy::Required);
    let builder = theirs().new_challenge_authenticate_builder(vec![credential.clone()], policy);
    let begun = theirs().generate_challenge_authenticate(builder.expect("a builder"));
    let (options, state) = begun.expect("a challenge");
    let challenge = base64url(options.public_key.challenge.as_slice());
    let said = device.log_in(&serde_json::to_value(options.public_key).expect("JSON"));
    let stored = StoredCredential {
        public_key: new.public_key,
        sign_count: new.sign_count,
        backup_eligible: Some(new.backup.eligible),
    };
    Login { said, challenge, state, credential, stored }
}

impl Login {
    fn ours(&self, said: &Value) -> Result<Assertion, CeremonyError> {
        let (party, user_verification) = (party(), UserVerification::Required);
        let expected = Expected { party: &party, challenge: &self.challenge, user_verification };
        authentication::verify(&AuthenticationResponse::read(said)?, &self.stored, &expected)
    }

    fn theirs(&self, said: &Value) -> Result<(), String> {
        let read = serde_json::from_value(said.clone()).map_err(|error| error.to_string())?;
        let done = theirs().authenticate_single_credential(&read, &self.state, &self.credential);
        done.map(drop).map_err(|error| format!("{error:?}"))
    }
}

/// What was said, with one of these members changed.
fn mutated(said: &Value, members: &[&str], numbers: &mut Numbers) -> Value {
    let mut other = said.clone();
    let member = members[numbers.below(members.len())];
    let text = &mut other["response"][member];
    let bytes = from_base64url(text.as_str().expect("a text")).expect("base64url");
    *text = json!(base64url(numbers.mutate(&bytes)));
    other
}

#[test]
fn both_say_the_same_of_logins() {
    let mut numbers = Numbers(1);
    let members = ["clientDataJSON", "authenticatorData", "signature"];
    let (mut taken, mut refused) = (0, 0);
    for maker in &MAKERS {
        let login = login(maker);
        assert!(login.ours(&login.said).is_ok(), "{}", maker.name);
        assert_eq!(login.theirs(&login.said), Ok(()), "{}", maker.name);
        for round in 0..ROUNDS.div_ceil(MAKERS.len()) {
            let said = mutated(&login.said, &members, &mut numbers);
            let (ours, theirs) = (login.ours(&said), login.theirs(&said));
            assert_eq!(ours.is_ok(), theirs.is_ok(), "{round}: {ours:?} {theirs:?} {said}");
            if ours.is_ok() { taken += 1 } else { refused += 1 }
        }
    }
    println!("logins: {taken} taken, {refused} refused by both");
    assert!(refused > ROUNDS * 9 / 10, "only {refused} were refused");
}

#[test]
fn both_say_the_same_of_registrations() {
    let mut numbers = Numbers(2);
    let members = ["clientDataJSON", "attestationObject"];
    let (mut taken, mut refused, mut unknown) = (0, 0, 0);
    let mut stricter = BTreeMap::<String, usize>::new();
    for maker in &MAKERS {
        let (_, registration) = registration(maker);
        let both = (registration.ours(&registration.said), registration.theirs(&registration.said));
        assert!(both.0.is_ok() && both.1.is_ok(), "{}: {both:?}", maker.name);
        for round in 0..ROUNDS.div_ceil(MAKERS.len()) {
            let said = mutated(&registration.said, &members, &mut numbers);
            let (ours, theirs) = (registration.ours(&said), registration.theirs(&said));
            match (&ours, &theirs) {
                (Ok(_), Ok(_)) => taken += 1,
                (Err(_), Err(_)) => refused += 1,
                (Err(reason), Ok(_)) => *stricter.entry(format!("{reason:?}")).or_default() += 1,
                // Nobody asks for an attestation, so that its format says nothing to us; and they take
                // exponents of RSA that have three bytes only.
                (Ok(_), Err(reason))
                    if reason.starts_with("Attestation") || reason == "RsaParametersInvalid" =>
                {
                    unknown += 1;
                }
                (Ok(_), Err(reason)) => panic!("{round}: they refuse {said}: {reason}"),
            }
        }
    }
    println!(
        "registrations: {taken} taken and {refused} refused by both; ours alone refuses {stricter:?}, \
         theirs alone {unknown} formats and exponents"
    );
    // Ours compares the id in the authenticator data with the one of the browser, and origins as
    // texts, and takes CTAP2's form of CBOR only, without a statement where there is none.
    let known = ["Attestation", "BackupState", "Cbor", "CredentialId", "Origin", "TrailingBytes"];
    assert!(stricter.keys().all(|reason| known.contains(&reason.as_str())), "{stricter:?}");
    assert!(refused > ROUNDS / 2, "only {refused} were refused");
}

#[test]
fn keys_that_only_ours_knows_log_in() {
    let party = party();
    let expected = |challenge| Expected {
        party: &party,
        challenge,
        user_verification: UserVerification::Required,
    };
    let offered = Algorithm::OFFERED.map(|by| json!({"type": "public-key", "alg": by.number()}));
    let mut device = Device::passkey();
    let said = device.register(&json!({
        "rp": {"name": "Example", "id": "example.com"},
        "user": {"id": "MQ", "name": "ada", "displayName": "Ada"},
        "challenge": "bWFrZQ",
        "pubKeyCredParams": offered,
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
        "attestation": "none",
    }));
    let made = RegistrationResponse::read(&said).expect("an answer");
    let made = registration::verify(&made, &expected("bWFrZQ")).expect("a credential");
    let key = PublicKey::read(&made.public_key).expect("a key");
    assert_eq!(key.algorithm(), Algorithm::EdDsa);
    let said = device.log_in(&json!({
        "challenge": "dXNl",
        "rpId": "example.com",
        "allowCredentials": [],
        "userVerification": "required",
    }));
    let login = AuthenticationResponse::read(&said).expect("an answer");
    assert_eq!(
        (login.id.as_slice(), login.user_handle.as_deref()),
        (&made.id[..], Some(&b"1"[..]))
    );
    let stored = StoredCredential {
        public_key: made.public_key,
        sign_count: made.sign_count,
        backup_eligible: Some(made.backup.eligible),
    };
    let used = authentication::verify(&login, &stored, &expected("dXNl")).expect("a login");
    assert!(used.user_verified && used.sign_count > made.sign_count, "{used:?}");
}
