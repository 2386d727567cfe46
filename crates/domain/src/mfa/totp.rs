//! Time-based one-time passwords (RFC 6238) with HMAC-SHA-1.

use std::fmt;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::random::RandomSource;
use crate::{encoding, signing};

/// Random bytes of a new secret: 160 bits, as RFC 4226 recommends.
const NEW_SECRET_BYTES: usize = 20;

/// How codes look and how long each is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotpShape {
    digits: u32,
    period: u32,
}

impl TotpShape {
    /// Codes of 1 to 10 `digits` that change every `period` seconds.
    #[must_use]
    pub fn new(digits: u32, period: u32) -> Option<Self> {
        ((1..=10).contains(&digits) && period > 0).then_some(Self { digits, period })
    }

    /// The number of digits.
    #[must_use]
    pub fn digits(self) -> u32 {
        self.digits
    }

    /// Seconds that a code is shown.
    #[must_use]
    pub fn period(self) -> u32 {
        self.period
    }

    /// The time step of a moment: whole periods since 1970. Before, it is `None`.
    #[must_use]
    pub fn step(self, now: DateTime<Utc>) -> Option<u64> {
        Some(u64::try_from(now.timestamp()).ok()? / u64::from(self.period))
    }
}

impl Default for TotpShape {
    /// What authenticator apps assume: 6 digits, 30 seconds.
    fn default() -> Self {
        Self { digits: 6, period: 30 }
    }
}

/// The secret that the server shares with the user's app. `Debug` does not print it.
#[derive(Clone)]
pub struct TotpSecret {
    base32: Zeroizing<String>,
    key: Zeroizing<Vec<u8>>,
}

impl TotpSecret {
    /// A new secret of 32 base 32 characters.
    pub fn generate(random: &dyn RandomSource) -> Self {
        let mut key = Zeroizing::new(vec![0; NEW_SECRET_BYTES]);
        random.fill(&mut key);
        Self { base32: Zeroizing::new(encoding::base32(&key)), key }
    }

    /// Reads base 32 of either case, with or without padding. `None` if it is none or empty.
    #[must_use]
    pub fn parse(base32: &str) -> Option<Self> {
        let key = encoding::from_base32(base32).filter(|key| !key.is_empty())?;
        Some(Self { base32: Zeroizing::new(base32.to_owned()), key: Zeroizing::new(key) })
    }

    /// The secret in base 32, as it was read.
    #[must_use]
    pub fn base32(&self) -> &str {
        &self.base32
    }

    /// The secret's length in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.key.len() * 8
    }

    /// The code of a time step.
    #[must_use]
    pub fn code(&self, step: u64, shape: TotpShape) -> String {
        let number = u64::from(self.truncated(step)) % 10u64.pow(shape.digits);
        format!("{number:0width$}", width = shape.digits as usize)
    }

    /// The newest time step, at most `tolerance` steps from now, whose code this is.
    ///
    /// A caller that remembers the step and refuses it and all before it makes every code good
    /// for one use. All steps are tried, so the time taken does not tell which matched.
    #[must_use]
    pub fn matching_step(
        &self,
        code: &str,
        shape: TotpShape,
        tolerance: u8,
        now: DateTime<Utc>,
    ) -> Option<u64> {
        let current = shape.step(now)?;
        let tolerance = u64::from(tolerance);
        let steps = current.saturating_sub(tolerance)..=current.saturating_add(tolerance);
        let mut matching = None;
        for step in steps {
            if signing::same(code, &self.code(step, shape)) {
                matching = Some(step);
            }
        }
        matching
    }

    /// The 31 bits that RFC 4226 takes out of the HMAC of a counter.
    fn truncated(&self, counter: u64) -> u32 {
        // HMAC takes keys of any length, so this cannot fail.
        let mac: [u8; 20] = Hmac::<Sha1>::new_from_slice(&self.key)
            .map(|mac| mac.chain_update(counter.to_be_bytes()).finalize().into_bytes().into())
            .unwrap_or_default();
        let offset = usize::from(mac[19] & 15);
        let word = [mac[offset], mac[offset + 1], mac[offset + 2], mac[offset + 3]];
        u32::from_be_bytes(word) & 0x7fff_ffff
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn new_secrets_read_back_and_do_not_print() {
        let secret = TotpSecret::generate(&OsRandom);
        let read = TotpSecret::parse(secret.base32()).unwrap();
        assert_eq!((secret.base32().len(), secret.bits()), (32, 160));
        let shape = TotpShape::default();
        assert_eq!(read.code(1, shape), secret.code(1, shape));
        assert_eq!(format!("{secret:?}"), "TotpSecret(..)");
    }

    #[test]
    fn the_matching_step_is_the_one_of_the_code() {
        let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        let shape = TotpShape::new(8, 30).unwrap();
        let now = DateTime::from_timestamp(1_111_111_111, 0).unwrap();
        let step = shape.step(now).unwrap();
        let matching = |code: &str, tolerance| secret.matching_step(code, shape, tolerance, now);
        assert_eq!(matching("14050471", 0), Some(step));
        assert_eq!(matching("07081804", 0), None);
        assert_eq!(matching("07081804", 1), Some(step - 1));
    }

    #[test]
    fn shapes_and_times_out_of_range_are_refused() {
        assert!(TotpShape::new(0, 30).is_none());
        assert!(TotpShape::new(11, 30).is_none());
        assert!(TotpShape::new(6, 0).is_none());
        let secret = TotpSecret::generate(&OsRandom);
        let shape = TotpShape::new(10, 1).unwrap();
        let before = DateTime::from_timestamp(-1, 0).unwrap();
        assert_eq!(secret.matching_step("000000", shape, 1, before), None);
        assert_eq!(secret.code(u64::MAX, shape).len(), 10);
        for text in ["", "=", "A", "0189", "é"] {
            assert!(TotpSecret::parse(text).is_none());
        }
    }
}
