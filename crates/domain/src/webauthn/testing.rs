//! An authenticator in a browser, for tests: keys of every algorithm, and ceremonies of which one
//! thing is wrong.

#![expect(clippy::missing_panics_doc, reason = "a test that cannot make a key or sign ends")]

use std::sync::Arc;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding,
};
use ciborium::Value as Cbor;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::error::CeremonyError;
use super::public_key::CoseAlgorithm;
use crate::encoding::base64url;

/// A private key.
pub struct SigningKey {
    algorithm: CoseAlgorithm,
    pair: Pair,
}

enum Pair {
    Edwards(Ed25519KeyPair),
    Elliptic { curve: i64, pair: EcdsaKeyPair },
    Rsa { pair: RsaKeyPair, padding: &'static dyn RsaEncoding },
}

impl SigningKey {
    /// A new key.
    #[must_use]
    pub fn generate(algorithm: CoseAlgorithm) -> Self {
        let elliptic = |curve, by: &'static EcdsaSigningAlgorithm| Pair::Elliptic {
            curve,
            pair: EcdsaKeyPair::generate(by).expect("a key"),
        };
        let rsa = |padding| Pair::Rsa {
            pair: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"),
            padding,
        };
        let pair = match algorithm {
            CoseAlgorithm::EdDsa => Pair::Edwards(Ed25519KeyPair::generate().expect("a key")),
            CoseAlgorithm::Es256 => elliptic(1, &ECDSA_P256_SHA256_ASN1_SIGNING),
            CoseAlgorithm::Es384 => elliptic(2, &ECDSA_P384_SHA384_ASN1_SIGNING),
            CoseAlgorithm::Es512 => elliptic(3, &ECDSA_P521_SHA512_ASN1_SIGNING),
            CoseAlgorithm::Es256k => elliptic(8, &ECDSA_P256K1_SHA256_ASN1_SIGNING),
            CoseAlgorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            CoseAlgorithm::Ps256 => rsa(&RSA_PSS_SHA256),
        };
        Self { algorithm, pair }
    }

    /// A key that another program has made, in PKCS #8: of an algorithm that is offered.
    #[must_use]
    pub fn from_pkcs8(algorithm: CoseAlgorithm, document: &[u8]) -> Self {
        let elliptic = |curve, by: &'static EcdsaSigningAlgorithm| Pair::Elliptic {
            curve,
            pair: EcdsaKeyPair::from_pkcs8(by, document).expect("a key"),
        };
        let pair = match algorithm {
            CoseAlgorithm::EdDsa => {
                Pair::Edwards(Ed25519KeyPair::from_pkcs8(document).expect("a key"))
            }
            CoseAlgorithm::Es256 => elliptic(1, &ECDSA_P256_SHA256_ASN1_SIGNING),
            CoseAlgorithm::Rs256 => Pair::Rsa {
                pair: RsaKeyPair::from_pkcs8(document).expect("a key"),
                padding: &RSA_PKCS1_SHA256,
            },
            other => panic!("{other:?} is not offered"),
        };
        Self { algorithm, pair }
    }

    /// The public key, a COSE key in CBOR.
    #[must_use]
    pub fn cose(&self) -> Vec<u8> {
        let algorithm = Cbor::from(self.algorithm.number());
        let entries = match &self.pair {
            Pair::Edwards(pair) => {
                let x = Cbor::Bytes(pair.public_key().as_ref().to_vec());
                vec![(1, 1.into()), (3, algorithm), (-1, 6.into()), (-2, x)]
            }
            Pair::Elliptic { curve, pair } => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let (x, y) = (Cbor::Bytes(x.to_vec()), Cbor::Bytes(y.to_vec()));
                vec![(1, 2.into()), (3, algorithm), (-1, (*curve).into()), (-2, x), (-3, y)]
            }
            Pair::Rsa { pair, .. } => {
                // The sequence of two integers, of which the first has 257 bytes and the second 3.
                let der = pair.public_key().as_ref();
                let (n, e) = (der[9..265].to_vec(), der[267..270].to_vec());
                vec![(1, 3.into()), (3, algorithm), (-1, Cbor::Bytes(n)), (-2, Cbor::Bytes(e))]
            }
        };
        written(&Cbor::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect()))
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Edwards(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Elliptic { pair, .. } => {
                pair.sign(&random, message).expect("a signature").as_ref().to_vec()
            }
            Pair::Rsa { pair, padding } => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, message, &mut signature).expect("a signature");
                signature
            }
        }
    }
}

/// What a page asks a browser for.
#[derive(Clone, Debug)]
pub struct SoftwareCeremony {
    origin: String,
    rp_id: String,
    challenge: String,
}

impl SoftwareCeremony {
    /// A ceremony of a page.
    #[must_use]
    pub fn at(origin: &str, rp_id: &str, challenge: &str) -> Self {
        let owned = str::to_owned;
        Self { origin: owned(origin), rp_id: owned(rp_id), challenge: owned(challenge) }
    }

    /// The ceremony that options begin, on a page of an origin.
    #[must_use]
    pub fn of(origin: &str, options: &Value) -> Self {
        let rp_id = options.pointer("/rp/id").unwrap_or(&options["rpId"]);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self {
            origin: origin.to_owned(),
            rp_id: text(rp_id),
            challenge: text(&options["challenge"]),
        }
    }
}

/// What an authenticator or a browser does otherwise than it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// The browser names another ceremony.
    Type(&'static str),
    /// The browser names another challenge.
    Challenge(&'static str),
    /// The page is of another origin.
    Origin(&'static str),
    /// The credential is one of another relying party.
    RpId(&'static str),
    /// Nobody touched it.
    NotPresent,
    /// It did not verify the user.
    NotVerified,
    /// The credential stays on the device.
    NotEligible,
    /// The credential is backed up and cannot be.
    BackedUpOnly,
    /// A byte follows the authenticator data.
    Trailing,
    /// There is no new credential.
    NoCredential,
    /// The new credential has another id than the browser says.
    OtherId,
    /// A statement of a format that is not empty.
    Statement(&'static str),
    /// Extensions that nobody asked for.
    Extensions,
    /// Another key signs.
    OtherKey,
    /// The counter shows this.
    Counter(u32),
    /// The counter is always 0.
    NoCounter,
    /// It keeps no handle.
    NoHandle,
    /// The browser does not say whether it finds the credential by itself.
    NotTold,
    /// The new key, of Ed25519, is a point of order 1.
    SmallOrder,
}

/// What is refused in both ceremonies, and why.
pub const REFUSED_IN_BOTH: [(Quirk, CeremonyError); 7] = [
    (Quirk::Challenge("b3RoZXI"), CeremonyError::Challenge),
    (Quirk::Origin("https://example.org"), CeremonyError::Origin),
    (Quirk::RpId("example.org"), CeremonyError::RelyingParty),
    (Quirk::NotPresent, CeremonyError::UserPresence),
    (Quirk::NotVerified, CeremonyError::UserVerification),
    (Quirk::BackedUpOnly, CeremonyError::BackupState),
    (Quirk::Trailing, CeremonyError::TrailingBytes),
];

/// An authenticator with one credential. Its clone is a copy of the device.
#[derive(Clone)]
pub struct SoftwareAuthenticator {
    key: Arc<SigningKey>,
    id: Vec<u8>,
    handle: Vec<u8>,
    count: u32,
    quirks: Vec<Quirk>,
}

impl SoftwareAuthenticator {
    /// One that makes a credential of an algorithm.
    #[must_use]
    pub fn new(algorithm: CoseAlgorithm) -> Self {
        let mut id = vec![0; 32];
        SystemRandom::new().fill(&mut id).expect("random bytes");
        let key = Arc::new(SigningKey::generate(algorithm));
        Self { key, id, handle: Vec::new(), count: 0, quirks: Vec::new() }
    }

    /// One that has a credential already, for the user of a handle.
    #[must_use]
    pub fn with(key: SigningKey, id: &[u8], handle: &[u8]) -> Self {
        let (id, handle) = (id.to_vec(), handle.to_vec());
        Self { key: Arc::new(key), id, handle, count: 0, quirks: Vec::new() }
    }

    /// The same authenticator with these quirks and no others.
    #[must_use]
    pub fn quirks(mut self, quirks: &[Quirk]) -> Self {
        self.quirks = quirks.to_vec();
        self
    }

    /// The same authenticator with a counter that stands at a number.
    #[must_use]
    pub fn counting_from(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The id of the credential.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// Keeps another handle, as one does that has the credential from elsewhere.
    pub fn keep_handle(&mut self, handle: &[u8]) {
        self.handle = handle.to_vec();
    }

    /// Makes the credential for the user of a handle. This is what `toJSON` says.
    pub fn register(&mut self, asked: &SoftwareCeremony, handle: &[u8]) -> Value {
        self.handle = handle.to_vec();
        let client_data = self.client_data(asked, "webauthn.create");
        let mut credential = [&[0; 16][..], &id_length(&self.id), &self.id].concat();
        if self.has(Quirk::OtherId) {
            *credential.last_mut().expect("a byte") ^= 1;
        }
        credential.extend(self.key.cose());
        if self.has(Quirk::SmallOrder) {
            // The point is what the key ends with.
            let point = credential.len() - 32;
            credential[point..].fill(0);
            credential[point] = 1;
        }
        let credential = if self.has(Quirk::NoCredential) { None } else { Some(&credential[..]) };
        let data = self.data(asked, credential);
        let format = self.quirks.iter().find_map(|quirk| match quirk {
            Quirk::Statement(format) => Some(*format),
            _ => None,
        });
        let statement = Cbor::Map(vec![(Cbor::from("sig"), Cbor::Bytes(vec![1]))]);
        let object = Cbor::Map(vec![
            ("fmt".into(), format.unwrap_or("none").into()),
            ("attStmt".into(), format.map_or(Cbor::Map(Vec::new()), |_| statement)),
            ("authData".into(), Cbor::Bytes(data)),
        ]);
        let properties = if self.has(Quirk::NotTold) { json!({}) } else { json!({"rk": true}) };
        json!({
            "id": base64url(&self.id),
            "rawId": base64url(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": base64url(client_data),
                "attestationObject": base64url(written(&object)),
                "transports": ["internal", "hybrid"],
            },
            "clientExtensionResults": {"credProps": properties},
        })
    }

    /// Uses the credential. This is what `toJSON` says.
    pub fn log_in(&mut self, asked: &SoftwareCeremony) -> Value {
        self.count += 1;
        let client_data = self.client_data(asked, "webauthn.get");
        let data = self.data(asked, None);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature = if self.has(Quirk::OtherKey) {
            SigningKey::generate(self.key.algorithm).sign(&signed)
        } else {
            self.key.sign(&signed)
        };
        let handle = base64url(&self.handle);
        let handle = if self.has(Quirk::NoHandle) { Value::Null } else { Value::from(handle) };
        json!({
            "id": base64url(&self.id),
            "rawId": base64url(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": base64url(client_data),
                "authenticatorData": base64url(data),
                "signature": base64url(signature),
                "userHandle": handle,
            },
            "clientExtensionResults": {},
        })
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    fn client_data(&self, asked: &SoftwareCeremony, ceremony: &str) -> Vec<u8> {
        let mut data = json!({
            "type": ceremony,
            "challenge": asked.challenge,
            "origin": asked.origin,
            "crossOrigin": false,
        });
        for quirk in &self.quirks {
            match *quirk {
                Quirk::Type(other) => data["type"] = json!(other),
                Quirk::Challenge(other) => data["challenge"] = json!(other),
                Quirk::Origin(other) => data["origin"] = json!(other),
                _ => {}
            }
        }
        data.to_string().into_bytes()
    }

    fn data(&self, asked: &SoftwareCeremony, credential: Option<&[u8]>) -> Vec<u8> {
        let (mut rp_id, mut flags, mut count) = (asked.rp_id.as_str(), 0x1d, self.count);
        for quirk in &self.quirks {
            match *quirk {
                Quirk::RpId(other) => rp_id = other,
                Quirk::NotPresent => flags &= !0x01,
                Quirk::NotVerified => flags &= !0x04,
                Quirk::NotEligible => flags &= !0x18,
                Quirk::BackedUpOnly => flags &= !0x08,
                Quirk::Extensions => flags |= 0x80,
                Quirk::Counter(shown) => count = shown,
                Quirk::NoCounter => count = 0,
                _ => {}
            }
        }
        let flags = if credential.is_some() { flags | 0x40 } else { flags };
        let head = [&Sha256::digest(rp_id)[..], &[flags], &count.to_be_bytes()].concat();
        let mut data = [&head[..], credential.unwrap_or_default()].concat();
        if self.has(Quirk::Extensions) {
            data.extend(written(&Cbor::Map(vec![("credProtect".into(), 2.into())])));
        }
        if self.has(Quirk::Trailing) {
            data.push(0);
        }
        data
    }
}

fn id_length(id: &[u8]) -> [u8; 2] {
    u16::try_from(id.len()).expect("a short id").to_be_bytes()
}

fn written(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("CBOR");
    bytes
}
