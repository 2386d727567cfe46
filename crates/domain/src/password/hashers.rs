//! Encoding and checking passwords as Django does (`django.contrib.auth.hashers`).

use super::algorithms::{SALT_LENGTH, argon2, bcrypt, md5, pbkdf2, scrypt};
use super::stored::Stored;
use super::{EncodedPassword, Password, Scratch, WorkFactorError, WorkFactors};
use crate::random::{self, RandomSource};

/// Stored texts above this length (in bytes) match nothing. Django's column holds 128 characters,
/// but SQLite does not enforce it.
const LONGEST_TEXT: usize = 1024;
/// The salt for hashing the password of a user who does not exist. Also a valid salt of bcrypt.
const DECOY_SALT: &str = "decoydecoydecoydecoyde";

/// A way to hash passwords, named as in Django.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// `pbkdf2_sha256`, Django's default.
    Pbkdf2Sha256,
    /// `pbkdf2_sha1`.
    Pbkdf2Sha1,
    /// `argon2`: argon2id for new hashes, all three varieties for stored ones.
    Argon2,
    /// `bcrypt_sha256`: bcrypt of the SHA-256 of the password.
    BcryptSha256,
    /// `bcrypt`: takes no password above 72 bytes.
    Bcrypt,
    /// `scrypt`.
    Scrypt,
    /// `md5`: only for taking over old databases.
    Md5,
}

impl HashAlgorithm {
    /// Every algorithm there is.
    pub const ALL: [Self; 7] = [
        Self::Pbkdf2Sha256,
        Self::Pbkdf2Sha1,
        Self::Argon2,
        Self::BcryptSha256,
        Self::Bcrypt,
        Self::Scrypt,
        Self::Md5,
    ];
    /// What Django accepts if `PASSWORD_HASHERS` is not set, the preferred one first.
    pub const DJANGO: [Self; 5] =
        [Self::Pbkdf2Sha256, Self::Pbkdf2Sha1, Self::Argon2, Self::BcryptSha256, Self::Scrypt];

    /// The name that stored passwords start with.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pbkdf2Sha256 => "pbkdf2_sha256",
            Self::Pbkdf2Sha1 => "pbkdf2_sha1",
            Self::Argon2 => "argon2",
            Self::BcryptSha256 => "bcrypt_sha256",
            Self::Bcrypt => "bcrypt",
            Self::Scrypt => "scrypt",
            Self::Md5 => "md5",
        }
    }

    /// The algorithm of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// What comparing a password with a stored one says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Verdict {
    /// It is the password.
    pub matches: bool,
    /// The stored text is not what [`Hashers::encode`] would write. If the password also matches,
    /// encode it anew and store that.
    pub must_update: bool,
}

impl Verdict {
    const REFUSED: Self = Self { matches: false, must_update: false };
}

/// What a stored password shows of its making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashForm {
    /// The algorithm.
    pub algorithm: HashAlgorithm,
    /// The iterations, if it is one of PBKDF2.
    pub iterations: Option<u32>,
    /// Whether the next login encodes the password anew.
    pub must_update: bool,
}

/// Why there can be no such [`Hashers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashersError {
    /// No algorithm is accepted, so that no user could log in.
    #[error("at least one password algorithm must be accepted")]
    NoAlgorithm,
    /// A work factor is out of bounds.
    #[error(transparent)]
    WorkFactor(#[from] WorkFactorError),
}

/// Why a password cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// Plain bcrypt ignores what comes after 72 bytes, so it gets no more. Keep the hash there is,
    /// or refuse the new password.
    #[error("the password is longer than {max_bytes} bytes")]
    PasswordTooLong {
        /// The most bytes (not characters) that are possible.
        max_bytes: usize,
    },
    /// Empty, with a `$`, or too short for argon2, or not bcrypt's. Never with a salt of ours.
    #[error("the algorithm cannot work with this salt")]
    UnusableSalt,
}

/// Why no password can match a stored text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableHash {
    /// Its algorithm is not accepted.
    #[error("{0} is not in `auth.password_hashers`")]
    NotAccepted(&'static str),
    /// It is of an accepted algorithm and malformed, or asks for more work than is allowed.
    #[error("it is no text of {0} as Django writes it, or asks for too much work")]
    Malformed(&'static str),
    /// It begins with the name of no algorithm.
    #[error("it does not begin with the name of an algorithm, such as pbkdf2_sha256$ or bcrypt$")]
    Unknown,
}

/// The accepted algorithms (Django's `PASSWORD_HASHERS`) and the work factors of new hashes.
#[derive(Clone, Debug)]
pub struct Hashers {
    preferred: HashAlgorithm,
    accepted: Vec<HashAlgorithm>,
    factors: WorkFactors,
}

impl Default for Hashers {
    /// Django's.
    fn default() -> Self {
        let accepted = HashAlgorithm::DJANGO;
        let factors = WorkFactors::default();
        Self { preferred: accepted[0], accepted: accepted.to_vec(), factors }
    }
}

impl Hashers {
    /// Accepts what is listed and encodes with the first.
    ///
    /// # Errors
    /// [`HashersError`] if the list is empty or a work factor, used or not, is out of bounds.
    pub fn new(accepted: Vec<HashAlgorithm>, factors: WorkFactors) -> Result<Self, HashersError> {
        factors.check()?;
        let preferred = *accepted.first().ok_or(HashersError::NoAlgorithm)?;
        Ok(Self { preferred, accepted, factors })
    }

    /// The algorithm of new hashes.
    #[must_use]
    pub fn preferred(&self) -> HashAlgorithm {
        self.preferred
    }

    /// Memory for one hashing thread: as much as a new hash needs.
    #[must_use]
    pub fn scratch(&self) -> Scratch {
        let argon2 = self.preferred == HashAlgorithm::Argon2;
        Scratch::with_capacity(if argon2 { self.factors.argon2.memory_kib } else { 0 })
    }

    /// Encodes a new password with a fresh salt of at least 128 bits.
    ///
    /// # Errors
    /// [`EncodeError::PasswordTooLong`], only if plain bcrypt is preferred.
    pub fn encode(
        &self,
        password: &Password,
        random: &dyn RandomSource,
        scratch: &mut Scratch,
    ) -> Result<EncodedPassword, EncodeError> {
        let salt = match self.preferred {
            HashAlgorithm::Bcrypt | HashAlgorithm::BcryptSha256 => bcrypt::salt(random),
            _ => random::text(random, random::ALPHANUMERIC, SALT_LENGTH),
        };
        self.encode_with_salt(password, &salt, scratch)
    }

    /// Encodes with a given salt: for comparing with other implementations. That of bcrypt is the
    /// 22 characters after the rounds.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn encode_with_salt(
        &self,
        password: &Password,
        salt: &str,
        scratch: &mut Scratch,
    ) -> Result<EncodedPassword, EncodeError> {
        if self.preferred == HashAlgorithm::Bcrypt && !bcrypt::BcryptInput::Plain.takes(password) {
            return Err(EncodeError::PasswordTooLong { max_bytes: bcrypt::LONGEST_PASSWORD });
        }
        if salt.is_empty() || salt.contains('$') {
            return Err(EncodeError::UnusableSalt);
        }
        let text = self.derive(password, salt, scratch).ok_or(EncodeError::UnusableSalt)?;
        Ok(EncodedPassword::new(format!("{}${text}", self.preferred.name())))
    }

    /// Compares a password with a stored one.
    ///
    /// A stored text that is unusable, malformed, of an algorithm that is not accepted or with
    /// excessive work factors matches nothing. A refusal takes about as long as a comparison with
    /// a hash of today, wherever Django sees to that too, so that the
    /// response time does not reveal whether the user exists.
    pub fn verify(
        &self,
        password: &Password,
        encoded: &EncodedPassword,
        scratch: &mut Scratch,
    ) -> Verdict {
        let Some((algorithm, stored)) = self.read(encoded) else {
            self.verify_nobody(password, scratch);
            return Verdict::REFUSED;
        };
        let is_preferred = algorithm == self.preferred;
        let must_update = self.must_update(algorithm, &stored);
        let matches = stored.matches(password, scratch);
        if !matches && is_preferred && must_update {
            stored.harden(password, &self.factors);
        }
        Verdict { matches, must_update }
    }

    /// Does the work of [`verify`](Self::verify) for a user who does not exist. Without it, a
    /// quick answer would reveal that no user has this name.
    pub fn verify_nobody(&self, password: &Password, scratch: &mut Scratch) {
        std::hint::black_box(self.derive(password, DECOY_SALT, scratch));
    }

    /// Whether some password can match a stored text, or the text says that none does.
    ///
    /// # Errors
    /// [`UnreadableHash`].
    pub fn readable(&self, encoded: &EncodedPassword) -> Result<(), UnreadableHash> {
        if !encoded.is_usable() || self.read(encoded).is_some() {
            return Ok(());
        }
        let name = encoded.as_str().split_once('$').map_or("", |(name, _)| name);
        let Some(algorithm) = HashAlgorithm::from_name(name) else {
            return Err(UnreadableHash::Unknown);
        };
        if self.accepted.contains(&algorithm) {
            Err(UnreadableHash::Malformed(algorithm.name()))
        } else {
            Err(UnreadableHash::NotAccepted(algorithm.name()))
        }
    }

    /// What a stored password shows of its making, if some password can match it.
    #[must_use]
    pub fn form(&self, encoded: &EncodedPassword) -> Option<HashForm> {
        let (algorithm, stored) = self.read(encoded)?;
        let iterations = stored.pbkdf2_iterations();
        Some(HashForm { algorithm, iterations, must_update: self.must_update(algorithm, &stored) })
    }

    fn must_update(&self, algorithm: HashAlgorithm, stored: &Stored<'_>) -> bool {
        algorithm != self.preferred || stored.is_outdated(&self.factors)
    }

    fn read<'a>(&self, encoded: &'a EncodedPassword) -> Option<(HashAlgorithm, Stored<'a>)> {
        let text = encoded.as_str();
        if text.len() > LONGEST_TEXT {
            return None;
        }
        let (name, rest) = text.split_once('$')?;
        let algorithm = *self.accepted.iter().find(|algorithm| algorithm.name() == name)?;
        Some((algorithm, Stored::parse(algorithm, rest)?))
    }

    /// The text after `algorithm$`; `None` if the algorithm cannot work with this salt.
    fn derive(&self, password: &Password, salt: &str, scratch: &mut Scratch) -> Option<String> {
        use bcrypt::BcryptInput;
        use pbkdf2::Digest;
        let factors = &self.factors;
        let (iterations, rounds) = (factors.pbkdf2_iterations, factors.bcrypt_rounds);
        match self.preferred {
            HashAlgorithm::Pbkdf2Sha256 => {
                Some(pbkdf2::encode(Digest::Sha256, password, salt, iterations))
            }
            HashAlgorithm::Pbkdf2Sha1 => {
                Some(pbkdf2::encode(Digest::Sha1, password, salt, iterations))
            }
            HashAlgorithm::Argon2 => argon2::encode(password, salt, &factors.argon2, scratch),
            HashAlgorithm::BcryptSha256 => {
                bcrypt::encode(BcryptInput::Sha256, password, salt, rounds)
            }
            HashAlgorithm::Bcrypt => bcrypt::encode(BcryptInput::Plain, password, salt, rounds),
            HashAlgorithm::Scrypt => scrypt::encode(password, salt, &factors.scrypt),
            HashAlgorithm::Md5 => Some(md5::encode(password, salt)),
        }
    }
}

#[cfg(test)]
mod tests;
