//! Recovery codes of which only keyed hashes are stored, in a row of type `recovery_codes`.
//!
//! A code has 80 random bits in 16 characters of base 32. The column `data` lists the hashes of the
//! codes that were not used yet, so that whoever reads the database knows no code, and whoever uses
//! one must lock the row until the new `data` is written. It names the key of the hashes, so that
//! codes that no key of a server knows are found without a code.

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Owner;
use super::code::{folded, trimmed};
use crate::random::RandomSource;
use crate::signing::SecretKeys;
use crate::{encoding, encrypted, signing};

const HASHES: &str = "hashes";
const KEY_ID: &str = "key";
const SALT: &str = "rest_auth.mfa.recovery_code";
/// Random bytes of a code.
const CODE_BYTES: usize = 10;
/// Characters between two dashes.
const GROUP: usize = 4;
/// The longest text that a code is typed as.
pub const LONGEST: usize = 32;

/// New codes, and the column `data` that knows them.
pub fn generate(count: u32, owner: Owner<'_>, random: &dyn RandomSource) -> (Vec<String>, Value) {
    let mut codes = Vec::new();
    let mut hashes = Vec::new();
    for _ in 0..count {
        let mut bytes = Zeroizing::new([0; CODE_BYTES]);
        random.fill(&mut *bytes);
        let code = encoding::base32(&*bytes);
        hashes.push(hash(&code, owner.user_id, owner.keys.current()));
        codes.push(grouped(&code));
    }
    (codes, json!({ HASHES: hashes, KEY_ID: encrypted::key_id(SALT, owner.keys.current()) }))
}

/// Whether none of the keys made the hashes, so that no code works; `false` where the column names no
/// key.
#[must_use]
pub fn is_of_another_key(data: &Value, keys: &SecretKeys) -> bool {
    let named = data.get(KEY_ID).and_then(Value::as_str);
    named.is_some_and(|named| keys.all().all(|key| encrypted::key_id(SALT, key) != named))
}

/// How many codes can still be used; `None` if the column holds no hashes.
#[must_use]
pub fn remaining(data: &Value) -> Option<usize> {
    Some(data.get(HASHES)?.as_array()?.len())
}

/// Uses a code: the column `data` from now on, or `None` if it is not one that can still be used.
/// Case, blanks and dashes do not matter.
#[must_use]
pub fn use_code(data: &Value, typed: &str, owner: Owner<'_>) -> Option<Value> {
    let typed = folded(trimmed(typed)?).to_ascii_uppercase();
    let code: String = typed.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let known = data.get(HASHES)?.as_array()?;
    let mut matching = None;
    for key in owner.keys.all() {
        let wanted = hash(&code, owner.user_id, key);
        // All are compared, so the time taken does not tell which one matched.
        for (index, stored) in known.iter().enumerate() {
            if stored.as_str().is_some_and(|stored| signing::same(stored, &wanted)) {
                matching = Some(index);
            }
        }
    }
    let mut data = data.clone();
    data.get_mut(HASHES)?.as_array_mut()?.remove(matching?);
    Some(data)
}

/// One code is stored differently for each user, and nobody can compute it without the key.
fn hash(code: &str, user_id: i64, key: &str) -> String {
    encoding::hex(&signing::salted_hmac(SALT, format!("{user_id}/{code}").as_bytes(), key))
}

fn grouped(code: &str) -> String {
    let mut shown = String::new();
    for (index, character) in code.chars().enumerate() {
        if index > 0 && index % GROUP == 0 {
            shown.push('-');
        }
        shown.push(character);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    fn keys(current: &str, fallbacks: &[&str]) -> SecretKeys {
        SecretKeys::new(current, fallbacks.iter().map(|key| (*key).to_owned()).collect())
    }

    #[test]
    fn every_code_works_once_however_it_is_typed() {
        let keys = keys("k", &[]);
        let owner = Owner { user_id: 7, keys: &keys };
        let (codes, mut data) = generate(10, owner, &OsRandom);
        let stored = data.to_string();
        for (used, code) in codes.iter().enumerate() {
            assert_eq!((code.len(), code.matches('-').count()), (19, 3), "{code}");
            assert!(!stored.contains(&code.replace('-', "")));
            assert_eq!(remaining(&data), Some(10 - used));
            let typed = format!(" {} ", code.to_lowercase().replacen('-', " ", 1));
            data = use_code(&data, &typed, owner).unwrap();
            assert_eq!(use_code(&data, code, owner), None);
        }
        assert_eq!(remaining(&data), Some(0));
    }

    #[test]
    fn a_code_is_its_users_and_survives_a_new_key() {
        let before = keys("k", &[]);
        let (codes, data) = generate(1, Owner { user_id: 7, keys: &before }, &OsRandom);
        let after = keys("new", &["k"]);
        assert!(use_code(&data, &codes[0], Owner { user_id: 7, keys: &after }).is_some());
        assert_eq!(use_code(&data, &codes[0], Owner { user_id: 8, keys: &after }), None);
        let foreign = keys("new", &[]);
        assert_eq!(use_code(&data, &codes[0], Owner { user_id: 7, keys: &foreign }), None);
    }

    #[test]
    fn codes_tell_which_key_knows_them() {
        let before = keys("k", &[]);
        let (codes, data) = generate(2, Owner { user_id: 7, keys: &before }, &OsRandom);
        let used = use_code(&data, &codes[0], Owner { user_id: 7, keys: &before }).unwrap();
        for data in [&data, &used] {
            assert!(!is_of_another_key(data, &before));
            assert!(!is_of_another_key(data, &keys("new", &["k"])));
            assert!(is_of_another_key(data, &keys("new", &[])));
        }
        // Nothing is known of what names no key.
        for silent in [json!({"hashes": []}), json!({"seed": "00"}), json!(null)] {
            assert!(!is_of_another_key(&silent, &before), "{silent}");
        }
    }

    #[test]
    fn columns_that_cannot_be_read_have_no_codes() {
        let keys = keys("k", &[]);
        for data in [json!(null), json!({}), json!({"hashes": "x"}), json!({"hashes": [1, null]})] {
            assert_eq!(
                use_code(&data, "AAAA-AAAA-AAAA-AAAA", Owner { user_id: 7, keys: &keys }),
                None
            );
        }
        assert_eq!(remaining(&json!({"seed": "00"})), None);
    }
}
