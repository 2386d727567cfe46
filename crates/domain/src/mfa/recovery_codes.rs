//! The row of type `recovery_codes` in `dj_rest_auth_mfa_authenticator`.
//!
//! Its column `data` holds a seed, from which every code follows, and a mask of the codes that
//! were used. Whoever uses a code must lock the row until the new `data` is written.

use serde_json::{Value, json};

use super::code::trimmed;
use crate::random::{self, RandomSource};
use crate::{encoding, signing};

/// The value of the column `type`.
pub const TYPE: &str = "recovery_codes";

/// The most codes a mask can tell apart here.
pub const MOST_CODES: u32 = 63;

const SEED_BYTES: usize = 32;
const SEED: &str = "seed";
const USED_MASK: &str = "used_mask";

/// The column `data` of new codes; it replaces all that was there.
pub fn generate(random: &dyn RandomSource) -> Value {
    json!({ SEED: random::hex(random, SEED_BYTES), USED_MASK: 0 })
}

/// The first `count` codes (`MFA_RECOVERY_CODE_COUNT`), used or not; none if the column cannot be
/// read.
#[must_use]
pub fn all(data: &Value, count: u32) -> Vec<String> {
    seed(data)
        .map(|seed| (0..count.min(MOST_CODES)).map(|i| code(&seed, i)).collect())
        .unwrap_or_default()
}

/// The codes among the first `count` that can still be used.
#[must_use]
pub fn unused(data: &Value, count: u32) -> Vec<String> {
    let Some(mask) = used_mask(data) else {
        return Vec::new();
    };
    let codes = all(data, count).into_iter().zip(0u32..);
    codes.filter(|(_, index)| mask >> index & 1 == 0).map(|(code, _)| code).collect()
}

/// Uses a code: the column `data` from now on, or `None` if it is not one of the first `count`
/// or was used before. Case and blanks around do not matter, the dash does.
#[must_use]
pub fn use_code(data: &Value, typed: &str, count: u32) -> Option<Value> {
    let typed = trimmed(typed)?.to_lowercase();
    let mask = used_mask(data)?;
    let mut matching = None;
    // All codes are compared, so the time taken does not tell which one matched.
    for (code, index) in all(data, count).iter().zip(0u32..) {
        if signing::same(&typed, code) && mask >> index & 1 == 0 {
            matching = Some(mask | 1 << index);
        }
    }
    let mut data = data.clone();
    data.as_object_mut()?.insert(USED_MASK.to_owned(), Value::from(matching?));
    Some(data)
}

fn seed(data: &Value) -> Option<Vec<u8>> {
    encoding::from_hex(data.get(SEED)?.as_str()?)
}

/// A missing mask means that no code was used; one that cannot be read means nothing good.
fn used_mask(data: &Value) -> Option<u64> {
    data.get(USED_MASK).map_or(Some(0), Value::as_u64)
}

/// Code number `index`: the first 8 hexadecimal digits of an HMAC, with a dash in the middle.
fn code(seed: &[u8], index: u32) -> String {
    let digest = encoding::hex(&signing::hmac_sha256(seed, index.to_string().as_bytes())[..4]);
    let (left, right) = digest.split_at(4);
    format!("{left}-{right}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn every_code_works_once() {
        let mut data = generate(&OsRandom);
        data["kept"] = json!(1);
        for code in all(&data, MOST_CODES) {
            data = use_code(&data, &code, MOST_CODES).unwrap();
            assert_eq!(use_code(&data, &code, MOST_CODES), None);
        }
        assert!(unused(&data, u32::MAX).is_empty());
        assert_eq!(data["kept"], json!(1));
    }

    #[test]
    fn columns_that_cannot_be_read_have_no_codes() {
        let seed = "00".repeat(32);
        for data in [
            json!(null),
            json!({}),
            json!({"seed": "xy"}),
            json!({"seed": seed, "used_mask": -1}),
            json!({"seed": seed, "used_mask": "0"}),
            json!({"seed": seed, "used_mask": 1e30}),
        ] {
            assert!(unused(&data, 10).is_empty());
            assert_eq!(use_code(&data, "9979-e4c3", 10), None);
        }
    }
}
