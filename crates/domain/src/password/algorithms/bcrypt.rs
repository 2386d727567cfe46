//! `bcrypt_sha256$$2b$12$…` and `bcrypt$$2b$12$…`: bcrypt's own text behind Django's name.

use std::str::FromStr as _;
use std::sync::LazyLock;

use bcrypt::HashParts;
use data_encoding::{BASE64_NOPAD, Encoding};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::password::Password;
use crate::random::RandomSource;
use crate::{encoding, signing};

/// bcrypt's own order of the characters of base64.
static BASE64: LazyLock<Encoding> = LazyLock::new(|| {
    let mut own = BASE64_NOPAD.specification();
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".clone_into(&mut own.symbols);
    own.encoding().unwrap_or(BASE64_NOPAD)
});

/// Rounds below which bcrypt is not defined.
const FEWEST_ROUNDS: u32 = 4;
/// The most rounds that are run, sixteen times what Django writes: about six seconds.
const MOST_ROUNDS: u32 = 16;
/// bcrypt looks at no more bytes than these.
pub(crate) const LONGEST_PASSWORD: usize = 72;

/// What bcrypt is fed with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BcryptInput {
    /// The password itself, up to 72 bytes.
    Plain,
    /// The lower-case hexadecimal SHA-256 of the password, which lifts that limit.
    Sha256,
}

impl BcryptInput {
    /// Whether all of this password counts. A longer one is treated as wrong: cutting it would
    /// let everything with the same 72 bytes in front match.
    pub(crate) fn takes(self, password: &Password) -> bool {
        self == Self::Sha256 || password.as_bytes().len() <= LONGEST_PASSWORD
    }

    fn derive(self, password: &Password, rounds: u32, salt: [u8; 16]) -> Option<HashParts> {
        let bytes = Zeroizing::new(match self {
            Self::Plain => password.as_bytes().to_vec(),
            Self::Sha256 => encoding::hex(&Sha256::digest(password.as_bytes())).into_bytes(),
        });
        bcrypt::hash_with_salt(bytes.as_slice(), rounds, salt).ok()
    }
}

pub(crate) fn allows(rounds: u32) -> bool {
    (FEWEST_ROUNDS..=MOST_ROUNDS).contains(&rounds)
}

/// A new salt: 128 bits in bcrypt's own base64.
pub(crate) fn salt(random: &dyn RandomSource) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    BASE64.encode(&bytes)
}

/// `None` if the salt is not 22 characters of bcrypt's base64. A password that the input does not
/// [take](Input::takes) is cut.
pub(crate) fn encode(
    input: BcryptInput,
    password: &Password,
    salt: &str,
    rounds: u32,
) -> Option<String> {
    let salt = <[u8; 16]>::try_from(BASE64.decode(salt.as_bytes()).ok()?).ok()?;
    input.derive(password, rounds, salt).map(|hash| hash.to_string())
}

pub(crate) struct Stored {
    input: BcryptInput,
    parts: HashParts,
}

impl Stored {
    /// Reads any of the prefixes `$2a$`, `$2b$`, `$2x$`, `$2y$`; all mean the same algorithm here.
    pub(crate) fn parse(input: BcryptInput, text: &str) -> Option<Self> {
        let parts = HashParts::from_str(text).ok().filter(|parts| allows(parts.get_cost()))?;
        // The library would also read "+4".
        text.get(4..6)?.bytes().all(|b| b.is_ascii_digit()).then_some(Self { input, parts })
    }

    pub(crate) fn matches(&self, password: &Password) -> bool {
        // Hashed even if it is too long: answering at once would tell which algorithm it is.
        let hash = self.derive(password);
        let equal = hash.is_some_and(|h| signing::same(&h.to_string(), &self.parts.to_string()));
        equal && self.input.takes(password)
    }

    pub(crate) fn is_outdated(&self, rounds: u32) -> bool {
        self.parts.get_cost() != rounds
    }

    /// Repeats the hash as often as it takes to make up for the rounds that it lacks.
    pub(crate) fn harden(&self, password: &Password, rounds: u32) {
        for _ in 0..self.missing(rounds) {
            std::hint::black_box(self.derive(password));
        }
    }

    fn missing(&self, rounds: u32) -> u32 {
        let doublings = rounds.saturating_sub(self.parts.get_cost()).min(MOST_ROUNDS);
        (1 << doublings) - 1
    }

    fn derive(&self, password: &Password) -> Option<HashParts> {
        self.input.derive(password, self.parts.get_cost(), self.parts.get_salt_raw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "abcdefghijklmnopqrstuu";
    const TAIL: &str = "abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";

    #[test]
    fn only_the_exact_form_within_the_bounds_is_read() {
        let reads = |text: &str| Stored::parse(BcryptInput::Plain, text).is_some();
        for prefix in ["$2a$04$", "$2b$04$", "$2x$04$", "$2y$16$"] {
            assert!(reads(&format!("{prefix}{TAIL}")), "{prefix}");
        }
        for prefix in ["$2b$03$", "$2b$17$", "$2b$31$", "$2b$99$", "$2b$+4$", "$2c$04$", "$1$"] {
            assert!(!reads(&format!("{prefix}{TAIL}")), "{prefix}");
        }
        for text in ["", "$2b$04$tooshort", "$2b$04$", "ééé"] {
            assert!(!reads(text), "{text}");
        }
        assert!(!reads(&format!("$2b$04${}", "é".repeat(26))));
        assert!(!reads(&format!("$2b$04${TAIL}x")));
    }

    #[test]
    fn what_comes_after_72_bytes_makes_a_plain_password_wrong() {
        let encode =
            |input, password: &str| encode(input, &Password::from(password), SALT, 4).unwrap();
        let (fits, long) = ("x".repeat(72), "x".repeat(73));
        let plain = encode(BcryptInput::Plain, &fits);
        let stored = Stored::parse(BcryptInput::Plain, &plain).unwrap();
        assert!(stored.matches(&Password::from(fits.as_str())));
        assert!(!stored.matches(&Password::from(long.as_str())));

        let hashed = encode(BcryptInput::Sha256, &long);
        let stored = Stored::parse(BcryptInput::Sha256, &hashed).unwrap();
        assert!(stored.matches(&Password::from(long.as_str())));
        assert!(!stored.matches(&Password::from(fits.as_str())));
    }

    #[test]
    fn the_rounds_missing_from_an_old_hash_are_made_up_for() {
        let stored = Stored::parse(BcryptInput::Plain, &format!("$2b$10${TAIL}")).unwrap();
        assert_eq!(stored.missing(12), 3);
        assert_eq!(stored.missing(10), 0);
        assert_eq!(stored.missing(4), 0);
    }

    #[test]
    fn a_salt_of_another_form_is_refused() {
        for salt in ["", "short", "abcdefghijklmnopqrstuv", "abcdefghijklmnopqrst$u"] {
            assert!(encode(BcryptInput::Plain, &Password::from("x"), salt, 4).is_none(), "{salt}");
        }
    }
}
