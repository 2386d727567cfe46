//! The work factors of password hashing.

use super::algorithms::{argon2, bcrypt, pbkdf2, scrypt};

/// The work factors of new hashes. A stored hash with other ones is replaced at the next login.
/// The default is Django 6.1's, which hard-codes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkFactors {
    /// Iterations of `pbkdf2_sha256` and `pbkdf2_sha1`, 1 to 10 000 000. Django 6.0 wrote
    /// 1 200 000, 5.2 1 000 000, 5.1 870 000, 5.0 720 000, 4.2 600 000.
    pub pbkdf2_iterations: u32,
    /// Work factors of `argon2`.
    pub argon2: Argon2Factors,
    /// Binary logarithm of the rounds of `bcrypt_sha256` and `bcrypt`, 4 to 16.
    pub bcrypt_rounds: u32,
    /// Work factors of `scrypt`.
    pub scrypt: ScryptFactors,
}

impl Default for WorkFactors {
    fn default() -> Self {
        Self {
            pbkdf2_iterations: 1_500_000,
            argon2: Argon2Factors::DJANGO,
            bcrypt_rounds: 12,
            scrypt: ScryptFactors::default(),
        }
    }
}

impl WorkFactors {
    /// Refuses factors that the algorithm forbids, that a stored hash would be refused for, or
    /// whose text does not fit the column of 128 characters.
    ///
    /// # Errors
    /// [`WorkFactorError`] names the first bad one.
    pub fn check(&self) -> Result<(), WorkFactorError> {
        if !pbkdf2::allows(self.pbkdf2_iterations) {
            return Err(WorkFactorError::Pbkdf2);
        }
        if !argon2::allows(&self.argon2) {
            return Err(WorkFactorError::Argon2);
        }
        if !bcrypt::allows(self.bcrypt_rounds) {
            return Err(WorkFactorError::Bcrypt);
        }
        if !scrypt::allows(&self.scrypt) || !scrypt::fits_the_column(&self.scrypt) {
            return Err(WorkFactorError::Scrypt);
        }
        Ok(())
    }
}

/// Work factors of argon2 (RFC 9106, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Factors {
    /// `m`: memory in KiB, at least 8 for each lane.
    pub memory_kib: u32,
    /// `t`: passes over that memory.
    pub time: u32,
    /// `p`: lanes. They are computed one after the other, so more lanes do not make it faster.
    pub parallelism: u32,
}

impl Argon2Factors {
    /// What Django writes: 100 MiB for every hash.
    pub const DJANGO: Self = Self { memory_kib: 102_400, time: 2, parallelism: 8 };
}

/// Work factors of scrypt (RFC 7914, section 2). The default is what Django writes since 5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScryptFactors {
    /// `N`: cost in time and memory, a power of two.
    pub n: u32,
    /// `r`: block size in units of 128 bytes.
    pub r: u32,
    /// `p`: repetitions, one after the other.
    pub p: u32,
}

impl Default for ScryptFactors {
    fn default() -> Self {
        Self { n: 16_384, r: 8, p: 5 }
    }
}

/// A work factor that cannot be used for new hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkFactorError {
    /// Iterations of PBKDF2.
    #[error("the iterations of pbkdf2 must be 1 to 10000000")]
    Pbkdf2,
    /// Memory, time or parallelism of argon2.
    #[error(
        "argon2 takes 8 to 1048576 KiB of memory (at least 8 for each lane), 1 to 64 passes \
         (memory times passes at most 4194304 KiB) and 1 to 64 lanes"
    )]
    Argon2,
    /// Rounds of bcrypt.
    #[error("the rounds of bcrypt must be 4 to 16")]
    Bcrypt,
    /// `n`, `r` or `p` of scrypt.
    #[error(
        "scrypt takes a power of two for n, n * r up to 1048576, n * r * p up to 4194304, and \
         together at most 7 digits, or the hash does not fit the column"
    )]
    Scrypt,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut WorkFactors)) -> Result<(), WorkFactorError> {
        let mut factors = WorkFactors::default();
        change(&mut factors);
        factors.check()
    }

    #[test]
    fn djangos_factors_and_owasps_are_fine() {
        assert_eq!(with(|_| ()), Ok(()));
        let owasp = Argon2Factors { memory_kib: 19_456, time: 2, parallelism: 1 };
        assert_eq!(with(|f| f.argon2 = owasp), Ok(()));
    }

    #[test]
    fn factors_that_a_stored_hash_would_be_refused_for_are_refused() {
        assert_eq!(with(|f| f.pbkdf2_iterations = 0), Err(WorkFactorError::Pbkdf2));
        assert_eq!(with(|f| f.pbkdf2_iterations = 10_000_001), Err(WorkFactorError::Pbkdf2));
        assert_eq!(with(|f| f.argon2.memory_kib = 63), Err(WorkFactorError::Argon2));
        assert_eq!(with(|f| f.argon2.time = 64), Err(WorkFactorError::Argon2));
        assert_eq!(with(|f| f.bcrypt_rounds = 3), Err(WorkFactorError::Bcrypt));
        assert_eq!(with(|f| f.bcrypt_rounds = 17), Err(WorkFactorError::Bcrypt));
        assert_eq!(with(|f| f.scrypt.n = 16_385), Err(WorkFactorError::Scrypt));
    }

    #[test]
    fn scrypt_factors_whose_hash_is_too_long_for_the_column_are_refused() {
        let wide = ScryptFactors { n: 131_072, r: 8, p: 1 };
        assert_eq!(with(|f| f.scrypt = wide), Err(WorkFactorError::Scrypt));
    }
}
