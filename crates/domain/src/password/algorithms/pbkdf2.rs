//! `pbkdf2_sha256$iterations$salt$hash` and `pbkdf2_sha1$…` (RFC 8018, section 5.2).

use data_encoding::BASE64;
use pbkdf2::pbkdf2_hmac;
use subtle::ConstantTimeEq as _;

use super::fields;
use crate::password::Password;

/// The most iterations that are run, about two seconds; Django writes 1.5 million.
const ITERATION_LIMIT: u32 = 10_000_000;

/// The hash function inside.
#[derive(Clone, Copy)]
pub(crate) enum Digest {
    Sha1,
    Sha256,
}

impl Digest {
    fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    fn derive(self, password: &Password, salt: &str, iterations: u32) -> Vec<u8> {
        let mut out = vec![0; self.length()];
        let (password, salt) = (password.as_bytes(), salt.as_bytes());
        match self {
            Self::Sha1 => pbkdf2_hmac::<sha1::Sha1>(password, salt, iterations, &mut out),
            Self::Sha256 => pbkdf2_hmac::<sha2::Sha256>(password, salt, iterations, &mut out),
        }
        out
    }
}

pub(crate) fn allows(iterations: u32) -> bool {
    (1..=ITERATION_LIMIT).contains(&iterations)
}

pub(crate) fn encode(digest: Digest, password: &Password, salt: &str, iterations: u32) -> String {
    let hash = BASE64.encode(&digest.derive(password, salt, iterations));
    format!("{iterations}${salt}${hash}")
}

pub(crate) struct Stored<'a> {
    digest: Digest,
    iterations: u32,
    salt: &'a str,
    hash: Vec<u8>,
}

impl<'a> Stored<'a> {
    pub(crate) fn parse(digest: Digest, text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(3, '$');
        let iterations = fields::number(parts.next()?).filter(|n| allows(*n))?;
        let salt = fields::salt(parts.next()?)?;
        let hash = BASE64.decode(parts.next()?.as_bytes()).ok()?;
        (hash.len() == digest.length()).then_some(Self { digest, iterations, salt, hash })
    }

    pub(crate) fn matches(&self, password: &Password) -> bool {
        let hash = self.digest.derive(password, self.salt, self.iterations);
        hash.ct_eq(&self.hash).into()
    }

    pub(crate) fn iterations(&self) -> u32 {
        self.iterations
    }

    /// More iterations than preferred are outdated too, as in Django.
    pub(crate) fn is_outdated(&self, iterations: u32) -> bool {
        self.iterations != iterations || fields::is_weak_salt(self.salt.chars().count())
    }

    /// Runs the iterations that this hash lacks, so that a wrong password takes as long here as
    /// with a hash of today.
    pub(crate) fn harden(&self, password: &Password, iterations: u32) {
        let missing = self.missing(iterations);
        if missing > 0 {
            std::hint::black_box(self.digest.derive(password, self.salt, missing));
        }
    }

    fn missing(&self, iterations: u32) -> u32 {
        iterations.saturating_sub(self.iterations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "gO2QBfDGYVYjWMWu8/Vd5fKzH8Jg+zluhGr0LyKkkY0=";

    fn reads(text: &str) -> bool {
        Stored::parse(Digest::Sha256, text).is_some()
    }

    #[test]
    fn only_the_exact_form_is_read() {
        assert!(reads(&format!("1000$salt${HASH}")));
        assert!(reads(&format!("10000000$salt${HASH}")));
        let bad = [
            String::new(),
            "1000".to_owned(),
            "1000$salt".to_owned(),
            "1000$salt$".to_owned(),
            format!("1000$${HASH}"),
            format!("0$salt${HASH}"),
            format!("01000$salt${HASH}"),
            format!("10000001$salt${HASH}"),
            format!("99999999999999999999$salt${HASH}"),
            format!("1000$salt${HASH}$"),
            format!("1000$salt${}", &HASH[..40]),
            format!("1000$salt${}", HASH.trim_end_matches('=')),
        ];
        for text in bad {
            assert!(!reads(&text), "{text}");
        }
    }

    #[test]
    fn a_hash_of_the_other_digest_is_not_read() {
        assert!(Stored::parse(Digest::Sha1, &format!("1000$salt${HASH}")).is_none());
    }

    #[test]
    fn the_iterations_missing_from_an_old_hash_are_made_up_for() {
        let text = format!("600000$salt${HASH}");
        let stored = Stored::parse(Digest::Sha256, &text).unwrap();
        assert_eq!(stored.missing(1_500_000), 900_000);
        assert_eq!(stored.missing(600_000), 0);
        assert_eq!(stored.missing(1000), 0);
    }
}
