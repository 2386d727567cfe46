//! Public keys in COSE's form (RFC 9052), and the signatures that they verify.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256K1_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaParameters, VerificationAlgorithm,
};
use ciborium::Value;

use super::cbor;
use super::error::CeremonyError;

/// Keys of the map.
const TYPE: i64 = 1;
const ALGORITHM: i64 = 3;
const CURVE: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const MODULUS: i64 = -1;
const EXPONENT: i64 = -2;

/// Types of keys.
const OCTETS: i64 = 1;
const ELLIPTIC: i64 = 2;
const RSA: i64 = 3;

/// Lengths of RSA keys, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The points of Ed25519 whose order divides 8, by their y in the form of RFC 8032, little-endian and
/// without the sign of x: those of order 4, 1, 8, 8 and 2, and the first two again in the forms that are
/// not reduced. With such a key one signature fits many messages, or all of them. K. Chalkias,
/// F. Garillot and V. Nikolaenko list them (IACR ePrint 2020/1244).
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    with_ends(0x01, 0x00, 0x00),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    with_ends(0xec, 0xff, 0x7f),
    with_ends(0xed, 0xff, 0x7f),
    with_ends(0xee, 0xff, 0x7f),
];

/// Bytes of which the first and the last differ from those between them.
const fn with_ends(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut bytes = [between; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// An algorithm of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoseAlgorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// ECDSA with P-384 and SHA-384.
    Es384,
    /// ECDSA with P-521 and SHA-512.
    Es512,
    /// ECDSA with secp256k1 and SHA-256.
    Es256k,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
}

impl CoseAlgorithm {
    /// All that are verified. Those that are not offered are in the rows of other verifiers.
    pub const ALL: [Self; 7] = [
        Self::EdDsa,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Es256k,
        Self::Rs256,
        Self::Ps256,
    ];

    /// Those that new credentials may be of, in the order of preference of dj-rest-auth.
    pub const OFFERED: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Rs256];

    /// The number in COSE's registry.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::EdDsa => -8,
            Self::Es256 => -7,
            Self::Es384 => -35,
            Self::Es512 => -36,
            Self::Es256k => -47,
            Self::Rs256 => -257,
            Self::Ps256 => -37,
        }
    }

    fn verification(self) -> Verification {
        match self {
            Self::EdDsa => Verification::Octets { curve: 6, length: 32, by: &ED25519 },
            Self::Es256 => Verification::elliptic(1, 32, &ECDSA_P256_SHA256_ASN1),
            Self::Es384 => Verification::elliptic(2, 48, &ECDSA_P384_SHA384_ASN1),
            Self::Es512 => Verification::elliptic(3, 66, &ECDSA_P521_SHA512_ASN1),
            Self::Es256k => Verification::elliptic(8, 32, &ECDSA_P256K1_SHA256_ASN1),
            Self::Rs256 => Verification::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            Self::Ps256 => Verification::Rsa(&RSA_PSS_2048_8192_SHA256),
        }
    }
}

/// How the keys of an algorithm are written, and what verifies their signatures. Each algorithm has
/// one curve, whose coordinates have one length.
enum Verification {
    Octets { curve: i64, length: usize, by: &'static dyn VerificationAlgorithm },
    Elliptic { curve: i64, length: usize, by: &'static dyn VerificationAlgorithm },
    Rsa(&'static RsaParameters),
}

impl Verification {
    fn elliptic(curve: i64, length: usize, by: &'static dyn VerificationAlgorithm) -> Self {
        Self::Elliptic { curve, length, by }
    }
}

/// A public key, which is valid: of its algorithm's curve and length, and a point on the curve.
#[derive(Clone, Debug)]
pub struct PublicKey {
    algorithm: CoseAlgorithm,
    key: ParsedPublicKey,
}

impl PublicKey {
    /// Reads a COSE key in CBOR.
    ///
    /// # Errors
    /// [`CeremonyError::Cbor`], [`CeremonyError::Algorithm`] or [`CeremonyError::PublicKey`].
    pub fn read(cose: &[u8]) -> Result<Self, CeremonyError> {
        let map = cbor::only(cose)?;
        let number = |key| cbor::by_number(&map, key).and_then(integer);
        let bytes = |key| cbor::by_number(&map, key)?.as_bytes().map(Vec::as_slice);
        let named = number(ALGORITHM).ok_or(CeremonyError::PublicKey)?;
        let algorithm =
            CoseAlgorithm::ALL.into_iter().find(|algorithm| algorithm.number() == named);
        let algorithm = algorithm.ok_or(CeremonyError::Algorithm)?;
        let is = |kind: i64, curve: i64| number(TYPE) == Some(kind) && number(CURVE) == Some(curve);
        let coordinate = |key, length| bytes(key).filter(|bytes| bytes.len() == length);
        let key = match algorithm.verification() {
            Verification::Octets { curve, length, by } if is(OCTETS, curve) => {
                let x = coordinate(X, length).filter(|x| !has_small_order(x));
                x.and_then(|x| ParsedPublicKey::new(by, x).ok())
            }
            Verification::Elliptic { curve, length, by } if is(ELLIPTIC, curve) => {
                let point = coordinate(X, length).zip(coordinate(Y, length));
                // The mark of a point that is not compressed.
                let point = point.map(|(x, y)| [&[4][..], x, y].concat());
                point.and_then(|point| ParsedPublicKey::new(by, point).ok())
            }
            Verification::Rsa(by) if number(TYPE) == Some(RSA) => {
                let (n, e) = bytes(MODULUS).zip(bytes(EXPONENT)).ok_or(CeremonyError::PublicKey)?;
                let (n, e) = (without_zeros(n), without_zeros(e));
                let key = PublicKeyComponents { n, e }.to_parsed_public_key(by).ok();
                key.filter(|_| RSA_BITS.contains(&bits(n)) && is_exponent(e))
            }
            _ => None,
        };
        key.map(|key| Self { algorithm, key }).ok_or(CeremonyError::PublicKey)
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> CoseAlgorithm {
        self.algorithm
    }

    /// Whether this key made the signature of the message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

/// Whether a point of Ed25519 has a small order, in whichever form it is written: neither the sign of x
/// nor whether y is reduced matters.
fn has_small_order(point: &[u8]) -> bool {
    let Some((last, before)) = point.split_last() else { return false };
    SMALL_ORDER.iter().any(|small| small[..31] == *before && small[31] == last & 0x7f)
}

fn integer(value: &Value) -> Option<i64> {
    value.as_integer().and_then(|number| i64::try_from(number).ok())
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// With an exponent of 1 every message is its own signature. Even ones, and those of more than 64
/// bits, are no exponents.
fn is_exponent(number: &[u8]) -> bool {
    let is_odd = number.last().is_some_and(|byte| byte % 2 == 1);
    is_odd && number != [1] && number.len() <= 8
}

fn bits(number: &[u8]) -> usize {
    let zeros = number.first().map_or(0, |byte| byte.leading_zeros() as usize);
    number.len() * 8 - zeros
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webauthn::testing::SigningKey;

    /// The entries of the COSE key of a new key.
    fn entries(algorithm: CoseAlgorithm) -> Vec<(Value, Value)> {
        let cose = SigningKey::generate(algorithm).cose();
        cbor::only(&cose).unwrap().into_map().unwrap()
    }

    fn read(entries: &[(Value, Value)]) -> Result<CoseAlgorithm, CeremonyError> {
        let mut cose = Vec::new();
        ciborium::into_writer(&Value::Map(entries.to_vec()), &mut cose).unwrap();
        PublicKey::read(&cose).map(|key| key.algorithm())
    }

    /// The key with another value, or without one.
    fn with(entries: &[(Value, Value)], key: i64, value: Option<Value>) -> Vec<(Value, Value)> {
        let others = entries.iter().filter(|(name, _)| integer(name) != Some(key)).cloned();
        others.chain(value.map(|value| (key.into(), value))).collect()
    }

    #[test]
    fn keys_verify_their_own_signatures_only() {
        for algorithm in CoseAlgorithm::ALL {
            let (key, other) = (SigningKey::generate(algorithm), SigningKey::generate(algorithm));
            let public = PublicKey::read(&key.cose()).unwrap();
            assert_eq!(public.algorithm(), algorithm);
            let signature = key.sign(b"message");
            assert!(public.verifies(b"message", &signature), "{algorithm:?}");
            assert!(!public.verifies(b"another", &signature), "{algorithm:?}");
            assert!(!public.verifies(b"message", &other.sign(b"message")), "{algorithm:?}");
            assert!(!public.verifies(b"message", &[]), "{algorithm:?}");
            for cut in [1, signature.len() / 2] {
                assert!(!public.verifies(b"message", &signature[cut..]), "{algorithm:?}");
            }
        }
    }

    #[test]
    fn keys_of_another_curve_or_length_are_refused() {
        let refused = Err(CeremonyError::PublicKey);
        for algorithm in
            [CoseAlgorithm::EdDsa, CoseAlgorithm::Es256, CoseAlgorithm::Es384, CoseAlgorithm::Es512]
        {
            let key = entries(algorithm);
            assert_eq!(read(&key), Ok(algorithm));
            for curve in (0..10).map(Value::from).chain([Value::Text("P-256".to_owned())]) {
                if Some(&curve)
                    != key.iter().find(|(k, _)| integer(k) == Some(CURVE)).map(|(_, v)| v)
                {
                    assert_eq!(read(&with(&key, CURVE, Some(curve))), refused, "{algorithm:?}");
                }
            }
            for length in [0, 31, 33, 47, 49, 65, 67] {
                let x = Some(Value::Bytes(vec![1; length]));
                assert_eq!(read(&with(&key, X, x)), refused, "{algorithm:?} {length}");
            }
            for kind in [0, 3, 4] {
                assert_eq!(read(&with(&key, TYPE, Some(kind.into()))), refused, "{algorithm:?}");
            }
            for missing in [TYPE, ALGORITHM, CURVE, X] {
                assert_eq!(read(&with(&key, missing, None)), refused, "{algorithm:?} {missing}");
            }
        }
    }

    #[test]
    fn points_of_small_order_are_no_keys() {
        let key = entries(CoseAlgorithm::EdDsa);
        assert_eq!(SMALL_ORDER.map(|point| point[31] >> 7), [0; 7]);
        for small in SMALL_ORDER {
            for sign in [0, 0x80] {
                let mut point = small;
                point[31] |= sign;
                let x = Some(Value::Bytes(point.to_vec()));
                let taken = read(&with(&key, X, x));
                assert_eq!(taken, Err(CeremonyError::PublicKey), "{point:02x?}");
            }
        }
        // The base point, whose order is large.
        let base = [&[0x58][..], &[0x66; 31]].concat();
        let taken = read(&with(&key, X, Some(Value::Bytes(base))));
        assert_eq!(taken, Ok(CoseAlgorithm::EdDsa));
    }

    #[test]
    fn points_must_lie_on_their_curve() {
        for (algorithm, length) in
            [(CoseAlgorithm::Es256, 32), (CoseAlgorithm::Es384, 48), (CoseAlgorithm::Es512, 66)]
        {
            let key = entries(algorithm);
            let refused = Err(CeremonyError::PublicKey);
            let y = |value| read(&with(&key, Y, Some(value)));
            assert_eq!(y(Value::Bytes(vec![1; length])), refused, "{algorithm:?}");
            assert_eq!(y(Value::Bytes(vec![0xff; length])), refused, "{algorithm:?}");
            // A compressed point.
            assert_eq!(y(Value::Bool(true)), refused, "{algorithm:?}");
            let zero = with(&key, X, Some(Value::Bytes(vec![0; length])));
            let zero = with(&zero, Y, Some(Value::Bytes(vec![0; length])));
            assert_eq!(read(&zero), refused, "{algorithm:?}");
        }
    }

    #[test]
    fn keys_of_one_algorithm_are_not_taken_for_those_of_another() {
        for algorithm in CoseAlgorithm::ALL {
            let key = entries(algorithm);
            for other in CoseAlgorithm::ALL.into_iter().filter(|other| *other != algorithm) {
                let both = [algorithm, other];
                let taken = read(&with(&key, ALGORITHM, Some(other.number().into())));
                // The keys of RSA are the same for both of its signatures.
                if both.contains(&CoseAlgorithm::Rs256) && both.contains(&CoseAlgorithm::Ps256) {
                    assert_eq!(taken, Ok(other));
                } else {
                    assert_eq!(taken, Err(CeremonyError::PublicKey), "{algorithm:?} {other:?}");
                }
            }
            for unknown in [-65_535, -9, 0, 7, i64::MIN] {
                let taken = read(&with(&key, ALGORITHM, Some(unknown.into())));
                assert_eq!(taken, Err(CeremonyError::Algorithm), "{algorithm:?} {unknown}");
            }
        }
    }

    #[test]
    fn keys_of_rsa_have_2048_bits_or_more() {
        let key = entries(CoseAlgorithm::Rs256);
        let modulus = |bytes: Vec<u8>| read(&with(&key, MODULUS, Some(Value::Bytes(bytes))));
        let refused = Err(CeremonyError::PublicKey);
        for length in [0, 1, 128, 255, 1025] {
            assert_eq!(modulus(vec![0xff; length]), refused, "{length}");
        }
        let exponent =
            |bytes: &[u8]| read(&with(&key, EXPONENT, Some(Value::Bytes(bytes.to_vec()))));
        for bytes in [&[][..], &[0], &[1], &[2], &[0xff; 40]] {
            assert_eq!(exponent(bytes), refused, "{bytes:?}");
        }
        assert_eq!(exponent(&[0, 1, 0, 1]), Ok(CoseAlgorithm::Rs256));
        assert_eq!((bits(&[1, 0]), bits(&[0x80]), bits(&[])), (9, 8, 0));
    }

    #[test]
    fn what_is_no_map_of_a_key_is_refused() {
        for cose in [&[][..], &[0xf6], &[0x80], &[0x40]] {
            assert!(PublicKey::read(cose).is_err(), "{cose:?}");
        }
        assert_eq!(PublicKey::read(&[0xa0]).unwrap_err(), CeremonyError::PublicKey);
        let followed = [&SigningKey::generate(CoseAlgorithm::EdDsa).cose()[..], &[0]].concat();
        assert_eq!(PublicKey::read(&followed).unwrap_err(), CeremonyError::Cbor);
    }
}
