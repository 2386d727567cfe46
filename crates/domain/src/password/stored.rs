//! A stored password taken apart, whatever its algorithm.

use super::algorithms::{argon2, bcrypt, md5, pbkdf2, scrypt};
use super::{HashAlgorithm, Password, Scratch, WorkFactors};

pub(crate) enum Stored<'a> {
    Pbkdf2(pbkdf2::Stored<'a>),
    Argon2(argon2::Stored),
    Bcrypt(bcrypt::Stored),
    Scrypt(scrypt::Stored<'a>),
    Md5(md5::Stored<'a>),
}

impl<'a> Stored<'a> {
    /// Reads the text after `algorithm$`. `None` if it is malformed or asks for more work than
    /// the bounds of its algorithm allow.
    pub(crate) fn parse(algorithm: HashAlgorithm, text: &'a str) -> Option<Self> {
        use bcrypt::BcryptInput;
        use pbkdf2::Digest;
        match algorithm {
            HashAlgorithm::Pbkdf2Sha256 => {
                pbkdf2::Stored::parse(Digest::Sha256, text).map(Self::Pbkdf2)
            }
            HashAlgorithm::Pbkdf2Sha1 => {
                pbkdf2::Stored::parse(Digest::Sha1, text).map(Self::Pbkdf2)
            }
            HashAlgorithm::Argon2 => argon2::Stored::parse(text).map(Self::Argon2),
            HashAlgorithm::BcryptSha256 => {
                bcrypt::Stored::parse(BcryptInput::Sha256, text).map(Self::Bcrypt)
            }
            HashAlgorithm::Bcrypt => {
                bcrypt::Stored::parse(BcryptInput::Plain, text).map(Self::Bcrypt)
            }
            HashAlgorithm::Scrypt => scrypt::Stored::parse(text).map(Self::Scrypt),
            HashAlgorithm::Md5 => md5::Stored::parse(text).map(Self::Md5),
        }
    }

    /// Whether this is the password; compared in constant time.
    pub(crate) fn matches(&self, password: &Password, scratch: &mut Scratch) -> bool {
        match self {
            Self::Pbkdf2(stored) => stored.matches(password),
            Self::Argon2(stored) => stored.matches(password, scratch),
            Self::Bcrypt(stored) => stored.matches(password),
            Self::Scrypt(stored) => stored.matches(password),
            Self::Md5(stored) => stored.matches(password),
        }
    }

    /// The iterations of PBKDF2, if it is that.
    pub(crate) fn pbkdf2_iterations(&self) -> Option<u32> {
        match self {
            Self::Pbkdf2(stored) => Some(stored.iterations()),
            Self::Argon2(_) | Self::Bcrypt(_) | Self::Scrypt(_) | Self::Md5(_) => None,
        }
    }

    /// Whether a new hash of the same algorithm would look different (Django's `must_update`).
    pub(crate) fn is_outdated(&self, factors: &WorkFactors) -> bool {
        match self {
            Self::Pbkdf2(stored) => stored.is_outdated(factors.pbkdf2_iterations),
            Self::Argon2(stored) => stored.is_outdated(&factors.argon2),
            Self::Bcrypt(stored) => stored.is_outdated(factors.bcrypt_rounds),
            Self::Scrypt(stored) => stored.is_outdated(&factors.scrypt),
            Self::Md5(stored) => stored.is_outdated(),
        }
    }

    /// Does the work that a hash of today would have cost more (Django's `harden_runtime`). Like
    /// Django, only where the difference can be computed from the stored factors.
    pub(crate) fn harden(&self, password: &Password, factors: &WorkFactors) {
        match self {
            Self::Pbkdf2(stored) => stored.harden(password, factors.pbkdf2_iterations),
            Self::Bcrypt(stored) => stored.harden(password, factors.bcrypt_rounds),
            Self::Argon2(_) | Self::Scrypt(_) | Self::Md5(_) => {}
        }
    }
}
