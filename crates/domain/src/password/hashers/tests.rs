use std::time::{Duration, Instant};

use super::*;
use crate::password::{Argon2Factors, ScryptFactors};
use crate::random::OsRandom;

fn cheap() -> WorkFactors {
    WorkFactors {
        pbkdf2_iterations: 10,
        argon2: Argon2Factors { memory_kib: 64, time: 1, parallelism: 1 },
        bcrypt_rounds: 4,
        scrypt: ScryptFactors { n: 16, r: 1, p: 1 },
    }
}

fn hashers(accepted: &[HashAlgorithm]) -> Hashers {
    Hashers::new(accepted.to_vec(), cheap()).unwrap()
}

fn encode(hashers: &Hashers, password: &str) -> EncodedPassword {
    hashers.encode(&Password::from(password), &OsRandom, &mut hashers.scratch()).unwrap()
}

fn verify(hashers: &Hashers, password: &str, encoded: &EncodedPassword) -> Verdict {
    hashers.verify(&Password::from(password), encoded, &mut hashers.scratch())
}

const RIGHT: Verdict = Verdict { matches: true, must_update: false };
const WRONG: Verdict = Verdict { matches: false, must_update: false };

#[test]
fn every_algorithm_reads_what_it_writes() {
    for algorithm in HashAlgorithm::ALL {
        let hashers = hashers(&[algorithm]);
        let encoded = encode(&hashers, "correct horse");
        assert!(encoded.as_str().len() <= 128, "{algorithm:?}");
        assert_ne!(encoded.as_str(), encode(&hashers, "correct horse").as_str(), "{algorithm:?}");
        assert_eq!(verify(&hashers, "correct horse", &encoded), RIGHT, "{algorithm:?}");
        assert_eq!(verify(&hashers, "Correct horse", &encoded), WRONG, "{algorithm:?}");
    }
}

#[test]
fn the_longest_texts_fit_the_column() {
    let factors = WorkFactors {
        argon2: Argon2Factors { memory_kib: 1000, time: 64, parallelism: 64 },
        scrypt: ScryptFactors { n: 16_384, r: 8, p: 5 },
        ..cheap()
    };
    for algorithm in [HashAlgorithm::Argon2, HashAlgorithm::Scrypt] {
        let hashers = Hashers::new(vec![algorithm], factors).unwrap();
        assert!(encode(&hashers, "x").as_str().len() <= 128, "{algorithm:?}");
    }
}

#[test]
fn a_hash_of_another_algorithm_matches_but_must_be_updated() {
    let old = encode(&hashers(&[HashAlgorithm::Pbkdf2Sha256]), "correct horse");
    let now = hashers(&[HashAlgorithm::Argon2, HashAlgorithm::Pbkdf2Sha256]);
    let verdict = verify(&now, "correct horse", &old);
    assert_eq!(verdict, Verdict { matches: true, must_update: true });
    assert_eq!(verify(&hashers(&[HashAlgorithm::Argon2]), "correct horse", &old), WRONG);
}

#[test]
fn hostile_texts_match_nothing_and_need_no_update() {
    let hashers = hashers(&HashAlgorithm::ALL);
    let long = format!("md5${}$6de410effd534286a8d462ba52e97f55", "x".repeat(1000));
    for text in [
        "",
        "$",
        "!",
        "md5$$$",
        "\u{0}",
        "pbkdf2_sha256$4294967295$salt$AAAA",
        "argon2$argon2id$v=19$m=4294967295,t=4294967295,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ",
        "bcrypt$$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "scrypt$2147483648$salt$4294967295$4294967295$AAAA",
        "PBKDF2_SHA256$10$salt$AAAA",
        " md5$salt$6de410effd534286a8d462ba52e97f55",
        long.as_str(),
    ] {
        assert_eq!(verify(&hashers, "", &EncodedPassword::new(text)), WRONG, "{text:?}");
    }
}

#[test]
fn plain_bcrypt_refuses_to_encode_what_it_would_cut() {
    let hashers = hashers(&[HashAlgorithm::Bcrypt]);
    let encode = |length| {
        let password = Password::new("é".repeat(length));
        hashers.encode(&password, &OsRandom, &mut hashers.scratch()).err()
    };
    assert_eq!(encode(36), None);
    assert_eq!(encode(37), Some(EncodeError::PasswordTooLong { max_bytes: 72 }));
}

#[test]
fn salts_that_cannot_be_read_back_are_refused() {
    let salt = |algorithm, salt| {
        let hashers = hashers(&[algorithm]);
        let password = Password::from("x");
        hashers.encode_with_salt(&password, salt, &mut hashers.scratch()).err()
    };
    for algorithm in HashAlgorithm::ALL {
        assert_eq!(salt(algorithm, ""), Some(EncodeError::UnusableSalt));
        assert_eq!(salt(algorithm, "salt$salt$salt$salt$sa"), Some(EncodeError::UnusableSalt));
    }
    assert_eq!(salt(HashAlgorithm::Argon2, "2short"), Some(EncodeError::UnusableSalt));
    assert_eq!(salt(HashAlgorithm::Bcrypt, "2short"), Some(EncodeError::UnusableSalt));
}

#[test]
fn the_decoy_salt_suits_every_algorithm() {
    for algorithm in HashAlgorithm::ALL {
        let hashers = hashers(&[algorithm]);
        let derived = hashers.derive(&Password::from("x"), DECOY_SALT, &mut hashers.scratch());
        assert!(derived.is_some(), "{algorithm:?}");
    }
}

#[test]
fn a_refusal_without_comparison_costs_a_whole_hash() {
    let factors = WorkFactors { pbkdf2_iterations: 1_000_000, ..cheap() };
    let hashers = Hashers::new(vec![HashAlgorithm::Pbkdf2Sha256], factors).unwrap();
    let weak = encode(&self::hashers(&[HashAlgorithm::Pbkdf2Sha256]), "x");
    for text in ["!unusable", "md5$salt$6de410effd534286a8d462ba52e97f55", weak.as_str()] {
        let start = Instant::now();
        assert!(!verify(&hashers, "y", &EncodedPassword::new(text)).matches);
        // A million iterations take twenty times as long, a mere comparison microseconds.
        assert!(start.elapsed() > Duration::from_millis(10), "{text}");
    }
}

#[test]
fn impossible_configurations_are_refused() {
    assert_eq!(Hashers::new(Vec::new(), cheap()).err(), Some(HashersError::NoAlgorithm));
    let factors = WorkFactors { bcrypt_rounds: 31, ..cheap() };
    let refused = Hashers::new(vec![HashAlgorithm::Argon2], factors).err();
    assert_eq!(refused, Some(HashersError::WorkFactor(WorkFactorError::Bcrypt)));
}

#[test]
fn algorithms_are_found_by_their_name() {
    for algorithm in HashAlgorithm::ALL {
        assert_eq!(HashAlgorithm::from_name(algorithm.name()), Some(algorithm));
    }
    assert_eq!(HashAlgorithm::from_name("sha1"), None);
}

#[test]
fn a_hash_shows_how_it_was_made_and_whether_it_is_made_anew() {
    let factors = WorkFactors { pbkdf2_iterations: 7, ..cheap() };
    let accepted = vec![HashAlgorithm::Pbkdf2Sha256, HashAlgorithm::Argon2];
    let hashers = Hashers::new(accepted, factors).unwrap();
    let form = |text: &EncodedPassword| {
        hashers.form(text).map(|form| (form.algorithm, form.iterations, form.must_update))
    };
    let own = encode(&hashers, "x");
    assert_eq!(form(&own), Some((HashAlgorithm::Pbkdf2Sha256, Some(7), false)));
    let other = EncodedPassword::new(own.as_str().replacen("$7$", "$8$", 1));
    assert_eq!(form(&other), Some((HashAlgorithm::Pbkdf2Sha256, Some(8), true)));
    let argon2 = encode(&self::hashers(&[HashAlgorithm::Argon2]), "x");
    assert_eq!(form(&argon2), Some((HashAlgorithm::Argon2, None, true)));
    assert_eq!(form(&EncodedPassword::new("!unusable")), None);
}
