//! `argon2$argon2id$v=19$m=102400,t=2,p=8$salt$hash`: the PHC string form with Django's algorithm
//! name in front (RFC 9106).

use ::argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use subtle::ConstantTimeEq as _;

use super::fields;
use crate::password::{Argon2Factors, Password, Scratch};

/// The most memory that a hash may ask for: 1 GiB, ten times what Django writes.
pub(crate) const MEMORY_LIMIT_KIB: u32 = 1024 * 1024;
/// The most passes; the least memory needs many to be of any use.
const TIME_LIMIT: u32 = 64;
/// The most lanes; Django writes 8.
const LANE_LIMIT: u32 = 64;
/// Memory times passes, which is the running time: about three seconds.
const WORK_LIMIT_KIB: u64 = 4 * 1024 * 1024;
/// Bytes of a new hash.
const HASH_LENGTH: usize = 32;
/// Bytes of salt below which argon2 refuses to work.
const SHORTEST_SALT: usize = ::argon2::MIN_SALT_LEN;

pub(crate) fn allows(factors: &Argon2Factors) -> bool {
    let Argon2Factors { memory_kib, time, parallelism } = *factors;
    (1..=TIME_LIMIT).contains(&time)
        && (1..=LANE_LIMIT).contains(&parallelism)
        && (8 * parallelism..=MEMORY_LIMIT_KIB).contains(&memory_kib)
        && u64::from(memory_kib) * u64::from(time) <= WORK_LIMIT_KIB
}

/// `None` if argon2 cannot work with this salt.
pub(crate) fn encode(
    password: &Password,
    salt: &str,
    factors: &Argon2Factors,
    scratch: &mut Scratch,
) -> Option<String> {
    let Argon2Factors { memory_kib, time, parallelism } = *factors;
    let mut fresh = Stored {
        variety: Algorithm::Argon2id,
        version: Version::V0x13,
        factors: *factors,
        salt: salt.as_bytes().to_vec(),
        hash: vec![0; HASH_LENGTH],
    };
    fresh.hash = fresh.derive(password, scratch)?;
    Some(format!(
        "argon2id$v=19$m={memory_kib},t={time},p={parallelism}${}${}",
        BASE64_NOPAD.encode(&fresh.salt),
        BASE64_NOPAD.encode(&fresh.hash),
    ))
}

pub(crate) struct Stored {
    variety: Algorithm,
    version: Version,
    factors: Argon2Factors,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('$');
        let variety = variety(parts.next()?)?;
        let mut part = parts.next()?;
        // The first release of argon2 named no version.
        let mut version = Version::V0x10;
        if let Some(number) = part.strip_prefix("v=") {
            version = self::version(number)?;
            part = parts.next()?;
        }
        let factors = self::factors(part).filter(allows)?;
        let salt = BASE64_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
        let hash = BASE64_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
        let complete = parts.next().is_none()
            && salt.len() >= SHORTEST_SALT
            && hash.len() >= Params::MIN_OUTPUT_LEN;
        complete.then_some(Self { variety, version, factors, salt, hash })
    }

    pub(crate) fn matches(&self, password: &Password, scratch: &mut Scratch) -> bool {
        let hash = self.derive(password, scratch);
        hash.is_some_and(|hash| hash.ct_eq(&self.hash).into())
    }

    pub(crate) fn is_outdated(&self, factors: &Argon2Factors) -> bool {
        self.variety != Algorithm::Argon2id
            || self.version != Version::V0x13
            || self.factors != *factors
            || self.hash.len() != HASH_LENGTH
            || fields::is_weak_salt(self.salt.len())
    }

    fn derive(&self, password: &Password, scratch: &mut Scratch) -> Option<Vec<u8>> {
        let Argon2Factors { memory_kib, time, parallelism } = self.factors;
        let mut out = vec![0; self.hash.len()];
        let params = Params::new(memory_kib, time, parallelism, Some(out.len())).ok()?;
        let blocks = params.block_count();
        let argon2 = Argon2::new(self.variety, self.version, params);
        let done = scratch.lend(blocks, |memory| {
            let password = password.as_bytes();
            argon2.hash_password_into_with_memory(password, &self.salt, &mut out, memory)
        });
        done.ok().map(|()| out)
    }
}

fn variety(name: &str) -> Option<Algorithm> {
    match name {
        "argon2id" => Some(Algorithm::Argon2id),
        "argon2i" => Some(Algorithm::Argon2i),
        "argon2d" => Some(Algorithm::Argon2d),
        _ => None,
    }
}

fn version(number: &str) -> Option<Version> {
    match number {
        "16" => Some(Version::V0x10),
        "19" => Some(Version::V0x13),
        _ => None,
    }
}

fn factors(text: &str) -> Option<Argon2Factors> {
    let mut parts = text.splitn(3, ',');
    Some(Argon2Factors {
        memory_kib: fields::number(parts.next()?.strip_prefix("m=")?)?,
        time: fields::number(parts.next()?.strip_prefix("t=")?)?,
        parallelism: fields::number(parts.next()?.strip_prefix("p=")?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "c2FsdHNhbHRzYWx0c2FsdHNhbHQyMg";
    const HASH: &str = "SwQiXQKpNoNJTYLYnDuJ7MG4oyCL8Djph9ATKg/FuTI";

    fn reads(text: &str) -> bool {
        Stored::parse(text).is_some()
    }

    fn reads_factors(factors: &str) -> bool {
        reads(&format!("argon2id$v=19${factors}${SALT}${HASH}"))
    }

    #[test]
    fn work_beyond_the_bounds_is_refused_before_hashing() {
        assert!(reads_factors("m=512,t=2,p=2"));
        assert!(reads_factors("m=1048576,t=4,p=64"));
        for factors in [
            "m=1048577,t=1,p=1",
            "m=1048576,t=5,p=1",
            "m=512,t=65,p=2",
            "m=1024,t=2,p=65",
            "m=4294967295,t=4294967295,p=4294967295",
            "m=15,t=2,p=2",
            "m=0,t=0,p=0",
            "m=512,t=2,p=0",
        ] {
            assert!(!reads_factors(factors), "{factors}");
        }
    }

    #[test]
    fn only_the_exact_form_is_read() {
        for factors in ["", "m=512", "m=512,t=2", "t=2,m=512,p=2", "m=512,t=2,p=2,x=1", "m=+8"] {
            assert!(!reads_factors(factors), "{factors}");
        }
        for text in [
            "nonsense".to_owned(),
            format!("argon2x$v=19$m=512,t=2,p=2${SALT}${HASH}"),
            format!("argon2id$v=18$m=512,t=2,p=2${SALT}${HASH}"),
            format!("argon2id$v=19$m=512,t=2,p=2${SALT}=${HASH}"),
            format!("argon2id$v=19$m=512,t=2,p=2$c2hvcnQ${HASH}"),
            format!("argon2id$v=19$m=512,t=2,p=2${SALT}$"),
            format!("argon2id$v=19$m=512,t=2,p=2${SALT}${HASH}$"),
        ] {
            assert!(!reads(&text), "{text}");
        }
    }

    #[test]
    fn a_hash_without_version_is_of_the_first_one() {
        let stored = Stored::parse(&format!("argon2i$m=512,t=2,p=2${SALT}${HASH}")).unwrap();
        assert!(stored.version == Version::V0x10);
    }

    #[test]
    fn everything_but_the_preferred_form_is_outdated() {
        let preferred = Argon2Factors { memory_kib: 512, time: 2, parallelism: 2 };
        let outdated = |text: String| Stored::parse(&text).unwrap().is_outdated(&preferred);
        assert!(!outdated(format!("argon2id$v=19$m=512,t=2,p=2${SALT}${HASH}")));
        assert!(outdated(format!("argon2i$v=19$m=512,t=2,p=2${SALT}${HASH}")));
        assert!(outdated(format!("argon2id$v=16$m=512,t=2,p=2${SALT}${HASH}")));
        assert!(outdated(format!("argon2id$v=19$m=513,t=2,p=2${SALT}${HASH}")));
        assert!(outdated(format!("argon2id$v=19$m=512,t=2,p=2$c2FsdHNhbHQ${HASH}")));
        assert!(outdated(format!("argon2id$v=19$m=512,t=2,p=2${SALT}$c2FsdHNhbHQ")));
    }
}
