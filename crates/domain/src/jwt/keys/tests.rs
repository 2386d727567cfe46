use super::*;

const RSA: &str = include_str!("test-rsa.pem");
const RSA_PUBLIC: &str = include_str!("test-rsa-public.pem");
const RSA_PKCS1: &str = include_str!("test-rsa-pkcs1.pem");
const RSA_PKCS1_PUBLIC: &str = include_str!("test-rsa-pkcs1-public.pem");
const RSA_1024: &str = include_str!("test-rsa-1024.pem");
const P256: &str = include_str!("test-p256.pem");
const P256_PUBLIC: &str = include_str!("test-p256-public.pem");
const P256_OTHER_PUBLIC: &str = include_str!("test-p256-other-public.pem");
const P256_SEC1: &str = include_str!("test-p256-sec1.pem");
const P384: &str = include_str!("test-p384.pem");
const P384_PUBLIC: &str = include_str!("test-p384-public.pem");
const ED25519: &str = include_str!("test-ed25519.pem");
const ED25519_PUBLIC: &str = include_str!("test-ed25519-public.pem");
const ENCRYPTED: &str = include_str!("test-encrypted.pem");
const SECRET: &str = "a secret of at least sixty-four bytes, as HS512 asks of its users";

/// The keys that fit an algorithm, private and public.
fn pair(algorithm: Algorithm) -> (&'static str, &'static str) {
    match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => (SECRET, ""),
        Algorithm::Es256 => (P256, P256_PUBLIC),
        Algorithm::Es384 => (P384, P384_PUBLIC),
        Algorithm::EdDsa => (ED25519, ED25519_PUBLIC),
        _ => (RSA, RSA_PUBLIC),
    }
}

#[test]
fn every_algorithm_signs_and_checks_with_and_without_a_verifying_key() {
    for algorithm in Algorithm::ALL {
        let (private, public) = pair(algorithm);
        for verifying in [None, Some(public), Some("  ")] {
            let keys = JwtKeys::new(algorithm, private, verifying).unwrap();
            let signature = keys.sign(b"message").unwrap();
            let key = keys.verifying_key();
            assert!(key.verifies(b"message", &signature), "{algorithm}");
            assert!(!key.verifies(b"massage", &signature), "{algorithm}");
            assert!(!key.verifies(b"message", &signature[1..]), "{algorithm}");
            assert!(!key.verifies(b"message", ""), "{algorithm}");
        }
    }
}

#[test]
fn rsa_keys_may_be_in_the_older_pem_form() {
    for (private, public) in [(RSA_PKCS1, RSA_PUBLIC), (RSA, RSA_PKCS1_PUBLIC)] {
        JwtKeys::new(Algorithm::Rs256, private, Some(public)).unwrap();
    }
}

#[test]
fn mix_ups_are_named() {
    let cure = |algorithm, private, public| {
        JwtKeys::new(algorithm, private, public).unwrap_err().to_string()
    };
    assert_eq!(cure(Algorithm::Hs256, " \n", None), "the key is empty");
    for pem in [RSA_PUBLIC, P256, "ssh-rsa AAAA"] {
        let said = cure(Algorithm::Hs256, pem, None);
        assert!(said.starts_with("HS256 takes a shared secret"), "{said}");
    }
    let said = cure(Algorithm::Rs256, SECRET, None);
    assert!(said.starts_with("RS256 takes a key in PEM form"), "{said}");
    for container in [P256_SEC1, ENCRYPTED] {
        let said = cure(Algorithm::Es256, container, None);
        assert!(said.contains("openssl pkcs8"), "{said}");
    }
}

#[test]
fn keys_of_another_family_curve_or_strength_are_refused() {
    for (algorithm, private) in [
        (Algorithm::Rs256, P256),
        (Algorithm::Rs256, RSA_PUBLIC),
        (Algorithm::Ps512, RSA_1024),
        (Algorithm::Es256, RSA),
        (Algorithm::Es256, P384),
        (Algorithm::Es384, P256),
        (Algorithm::Es256, P256_PUBLIC),
        (Algorithm::EdDsa, P256),
        (Algorithm::EdDsa, "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"),
    ] {
        let refusal = JwtKeys::new(algorithm, private, None).unwrap_err();
        assert!(matches!(refusal, KeyError::SigningKey { .. }), "{algorithm}: {refusal}");
    }
    for (algorithm, public) in
        [(Algorithm::Es256, P384_PUBLIC), (Algorithm::Rs256, P256_PUBLIC), (Algorithm::Rs256, RSA)]
    {
        let refusal = JwtKeys::new(algorithm, pair(algorithm).0, Some(public)).unwrap_err();
        let found = matches!(refusal, KeyError::VerifyingKey { .. } | KeyError::Mismatch);
        assert!(found, "{algorithm}: {refusal}");
    }
}

#[test]
fn a_pair_that_does_not_belong_together_is_found_at_start() {
    let refusal = JwtKeys::new(Algorithm::Es256, P256, Some(P256_OTHER_PUBLIC)).unwrap_err();
    assert!(matches!(refusal, KeyError::Mismatch), "{refusal}");
}

#[test]
fn debug_shows_no_key() {
    let keys = JwtKeys::new(Algorithm::Hs256, SECRET, None).unwrap();
    let shown = format!("{keys:?}");
    assert!(shown.contains("Hs256") && !shown.contains("secret"), "{shown}");
}
