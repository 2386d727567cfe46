//! What a browser and an authenticator may say: credentials in JSON, attestation objects and keys
//! in CBOR, authenticator data. The first byte of the input says which.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rest_auth_domain::encoding::base64url;
use rest_auth_domain::webauthn::authenticator_data::AuthenticatorData;
use rest_auth_domain::webauthn::{
    AuthenticationResponse, CoseAlgorithm, Expected, NewCredential, PublicKey,
    RegistrationResponse, RelyingParty, StoredCredential, UserVerification, allauth,
    authentication, registration,
};
use serde_json::{Value, json};

const ORIGIN: &str = "https://example.com";
const CHALLENGE: &str = "Y2hhbGxlbmdl";
/// The id of the credentials that `seeds.rs` makes.
const ID: &[u8] = b"credential";

fuzz_target!(|input: &[u8]| {
    let Some((kind, bytes)) = input.split_first() else { return };
    match kind {
        b'j' => credential(bytes),
        b'o' => object(bytes),
        b'a' => drop(AuthenticatorData::read(bytes)),
        b'k' => key(bytes),
        _ => {}
    }
});

fn credential(bytes: &[u8]) {
    let Ok(said) = serde_json::from_slice::<Value>(bytes) else { return };
    register(&said);
    let stored =
        StoredCredential { public_key: bytes.to_vec(), sign_count: 0, backup_eligible: None };
    if let Ok(response) = AuthenticationResponse::read(&said) {
        let logged_in =
            with_expected(|expected| authentication::verify(&response, &stored, expected));
        assert!(logged_in.is_err(), "no key signed this");
    }
    if let Ok(kept) = allauth::read(&said) {
        PublicKey::read(&kept.public_key).expect("what allauth kept was read once");
    }
}

/// An attestation object in what a browser says around it.
fn object(bytes: &[u8]) {
    let client_data = json!({"type": "webauthn.create", "challenge": CHALLENGE, "origin": ORIGIN});
    let made = register(&json!({
        "id": base64url(ID), "rawId": base64url(ID), "type": "public-key",
        "response": {
            "clientDataJSON": base64url(client_data.to_string()),
            "attestationObject": base64url(bytes),
        },
    }));
    if let Some(made) = made {
        assert_eq!(made.id, ID);
    }
}

fn register(said: &Value) -> Option<NewCredential> {
    let response = RegistrationResponse::read(said).ok()?;
    let made = with_expected(|expected| registration::verify(&response, expected)).ok()?;
    let key = PublicKey::read(&made.public_key).expect("a key that was accepted can be read");
    assert!(CoseAlgorithm::OFFERED.contains(&key.algorithm()));
    Some(made)
}

fn key(bytes: &[u8]) {
    if let Ok(key) = PublicKey::read(bytes) {
        assert!(!key.verifies(b"message", bytes), "the key is no signature");
    }
}

fn with_expected<T>(verify: impl FnOnce(&Expected<'_>) -> T) -> T {
    let party = RelyingParty {
        id: "example.com".to_owned(),
        name: String::new(),
        origins: vec![ORIGIN.to_owned()],
        top_origins: Vec::new(),
    };
    let user_verification = UserVerification::Preferred;
    verify(&Expected { party: &party, challenge: CHALLENGE, user_verification })
}
