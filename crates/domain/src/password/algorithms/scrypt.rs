//! `scrypt$n$salt$r$p$hash`, in this order (RFC 7914).

use data_encoding::BASE64;
use scrypt::Params;
use subtle::ConstantTimeEq as _;

use super::fields;
use crate::password::{Password, ScryptFactors};

/// `n · r`, which is the memory in units of 128 bytes: at most 128 MiB, eight times Django's.
const MEMORY_LIMIT: u64 = 1 << 20;
/// `n · r · p`, which is the running time: about six times what Django's factors take.
const WORK_LIMIT: u64 = 1 << 22;
/// Bytes of a hash.
const HASH_LENGTH: usize = 64;
/// Digits of `n`, `r` and `p` together that leave the text within the 128 characters of the column.
const DIGITS: usize = 7;

pub(crate) fn allows(factors: &ScryptFactors) -> bool {
    let ScryptFactors { n, r, p } = *factors;
    let memory = u64::from(n) * u64::from(r);
    n.is_power_of_two()
        && n > 1
        && r > 0
        && p > 0
        && memory <= MEMORY_LIMIT
        && memory.checked_mul(u64::from(p)).is_some_and(|work| work <= WORK_LIMIT)
}

pub(crate) fn fits_the_column(factors: &ScryptFactors) -> bool {
    let ScryptFactors { n, r, p } = factors;
    format!("{n}{r}{p}").len() <= DIGITS
}

pub(crate) fn encode(password: &Password, salt: &str, factors: &ScryptFactors) -> Option<String> {
    let ScryptFactors { n, r, p } = *factors;
    let hash = BASE64.encode(&derive(password, salt, factors)?);
    Some(format!("{n}${salt}${r}${p}${hash}"))
}

pub(crate) struct Stored<'a> {
    factors: ScryptFactors,
    salt: &'a str,
    hash: Vec<u8>,
}

impl<'a> Stored<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(5, '$');
        let n = fields::number(parts.next()?)?;
        let salt = fields::salt(parts.next()?)?;
        let r = fields::number(parts.next()?)?;
        let p = fields::number(parts.next()?)?;
        let factors = ScryptFactors { n, r, p };
        let hash = BASE64.decode(parts.next()?.as_bytes()).ok()?;
        let sound = allows(&factors) && hash.len() == HASH_LENGTH;
        sound.then_some(Self { factors, salt, hash })
    }

    pub(crate) fn matches(&self, password: &Password) -> bool {
        let hash = derive(password, self.salt, &self.factors);
        hash.is_some_and(|hash| hash.as_slice().ct_eq(&self.hash).into())
    }

    /// The salt does not count, as in Django.
    pub(crate) fn is_outdated(&self, factors: &ScryptFactors) -> bool {
        self.factors != *factors
    }
}

fn derive(password: &Password, salt: &str, factors: &ScryptFactors) -> Option<[u8; HASH_LENGTH]> {
    let log_n = u8::try_from(factors.n.ilog2()).ok()?;
    let params = Params::new(log_n, factors.r, factors.p).ok()?;
    let mut out = [0; HASH_LENGTH];
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(n: &str, salt: &str, r: &str, p: &str) -> bool {
        let hash = BASE64.encode(&[7; HASH_LENGTH]);
        Stored::parse(&format!("{n}${salt}${r}${p}${hash}")).is_some()
    }

    #[test]
    fn work_beyond_the_bounds_is_refused_before_hashing() {
        assert!(reads("16384", "salt", "8", "5"));
        assert!(reads("131072", "salt", "8", "4"));
        for (n, r, p) in [
            ("0", "8", "5"),
            ("1", "8", "5"),
            ("16385", "8", "5"),
            ("262144", "8", "1"),
            ("131072", "8", "5"),
            ("16384", "0", "5"),
            ("16384", "8", "0"),
            ("2", "4294967295", "1"),
            ("2", "1", "4294967295"),
            ("2147483648", "4294967295", "4294967295"),
        ] {
            assert!(!reads(n, "salt", r, p), "{n} {r} {p}");
        }
    }

    #[test]
    fn only_the_exact_form_is_read() {
        assert!(!reads("16384", "", "8", "5"));
        assert!(!reads("016384", "salt", "8", "5"));
        for text in ["", "1$2", "16384$salt$8$5", "16384$salt$8$5$", "16384$salt$8$5$AAAA"] {
            assert!(Stored::parse(text).is_none(), "{text}");
        }
    }
}
